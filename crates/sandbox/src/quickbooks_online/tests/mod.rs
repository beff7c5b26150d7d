mod books;
mod oauth;
mod queries;
mod reports;
mod world;
mod writes;
