/// The guide "Configure Customer", step by step.
mod configure_customer;
