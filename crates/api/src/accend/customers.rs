use http::StatusCode;
use ledgerline_engine::companies::{self, NewCompany};
use ledgerline_model::company::{Company, Details, Profile};
use ledgerline_store::{Tx, company_details, directory};

use super::errors::Error;
use super::fields::{CustomerCreate, CustomerReplace, CustomerUpdate, checked_name};
use super::owned::{CustomerOf, find_customer};
use super::views::{CustomerView, print_customer};
use crate::audit::{self, Actor};
use crate::auth::{App, Caller, Means};
use crate::body::Json;

/// Make a customer. Its books are read 36 months back when they are linked first, and monthly from then on.
#[utoipa::path(
    post, path = "/customers", tag = "Customers", request_body = CustomerCreate,
    responses(
        (status = 201, body = CustomerView),
        (status = 409, body = super::errors::Refusal, description = "Another customer has the `external_customer_id`.")
    )
)]
pub async fn create_customer(
    app: App,
    Json(request): Json<CustomerCreate>,
) -> Result<(StatusCode, axum::Json<CustomerView>), Error> {
    let mut details = Details::default();
    request.set(&mut details)?;
    let new = NewCompany {
        app: app.app,
        environment: app.environment,
        name: checked_name(&request.legal_name)?,
        description: None,
        tags: Default::default(),
        profile: Profile::Accend,
        keep_alive: true,
        created_by: app.key.name.clone(),
    };
    let mut tx = app.engine.store.write().await?;
    let company = companies::create(&app.engine, &mut tx, new).await?;
    let view = save(&app, tx, &company, &details, "customer.created").await?;
    Ok((StatusCode::CREATED, axum::Json(view)))
}

/// Replace what is said of a customer: what is not given is cleared.
#[utoipa::path(
    put, path = "/customers", tag = "Customers", request_body = CustomerReplace,
    responses(
        (status = 200, body = CustomerView),
        (status = 404, body = super::errors::Refusal, description = "There is no such customer, or it is another app's."),
        (status = 409, body = super::errors::Refusal, description = "Another customer has the `external_customer_id`.")
    )
)]
pub async fn replace_customer(
    app: App,
    Json(request): Json<CustomerReplace>,
) -> Result<axum::Json<CustomerView>, Error> {
    let mut details = Details::default();
    request.set(&mut details)?;
    let name = checked_name(&request.legal_name)?;
    let caller = Caller {
        engine: app.engine.clone(),
        app: app.app,
        environment: app.environment,
        means: Means::Key(app.key.clone()),
        allowed_origins: Vec::new(),
    };
    let company = find_customer(&caller, &request.customer_id).await?;
    let company = company.ok_or_else(Error::no_customer)?;
    change(app, Company { name, ..company }, details).await
}

/// Get a customer.
#[utoipa::path(
    get, path = "/customers/{customer_id}", tag = "Customers", responses((status = 200, body = CustomerView))
)]
pub async fn get_customer(of: CustomerOf) -> Result<axum::Json<CustomerView>, Error> {
    let mut tx = of.app.engine.store.read().await?;
    Ok(axum::Json(view(&mut tx, &of.company).await?))
}

/// Change what is given of a customer; null clears.
#[utoipa::path(
    patch, path = "/customers/{customer_id}", tag = "Customers", request_body = CustomerUpdate,
    responses(
        (status = 200, body = CustomerView),
        (status = 409, body = super::errors::Refusal, description = "Another customer has the `external_customer_id`.")
    )
)]
pub async fn update_customer(
    of: CustomerOf,
    Json(request): Json<CustomerUpdate>,
) -> Result<axum::Json<CustomerView>, Error> {
    let CustomerOf { app, mut company } = of;
    if let Some(name) = &request.legal_name {
        company.name = checked_name(name)?;
    }
    let mut tx = app.engine.store.read().await?;
    let entry = directory::find(&mut tx, app.app, app.environment, company.id).await?;
    drop(tx);
    let mut details = entry.ok_or_else(Error::no_customer)?.details;
    request.set(&mut details)?;
    change(app, company, details).await
}

/// Delete a customer, its link connections, and all that was read for it; what is connected is disconnected first.
#[utoipa::path(delete, path = "/customers/{customer_id}", tag = "Customers", responses((status = 204)))]
pub async fn delete_customer(of: CustomerOf) -> Result<StatusCode, Error> {
    let CustomerOf { app, company } = of;
    let mut tx = app.engine.store.write().await?;
    if !companies::delete(&app.engine, &mut tx, app.app, app.environment, company.id).await? {
        return Err(Error::no_customer());
    }
    audit::note(
        &app.engine,
        &mut tx,
        &Actor::from(&app),
        "customer.deleted",
        company.id,
        "done",
    )
    .await?;
    tx.commit().await?;
    app.engine.work.notify_one();
    Ok(StatusCode::NO_CONTENT)
}

async fn change(app: App, company: Company, details: Details) -> Result<axum::Json<CustomerView>, Error> {
    let mut tx = app.engine.store.write().await?;
    if !companies::update(&app.engine, &mut tx, &company).await? {
        return Err(Error::no_customer());
    }
    save(&app, tx, &company, &details, "customer.updated")
        .await
        .map(axum::Json)
}

/// The rest of the transaction in which a customer is made or changed.
async fn save(
    app: &App,
    mut tx: Tx,
    company: &Company,
    details: &Details,
    action: &str,
) -> Result<CustomerView, Error> {
    if let Err(error) = company_details::save(&mut tx, company, details).await {
        return Err(refused(app, tx, details, error).await);
    }
    audit::note(
        &app.engine,
        &mut tx,
        &Actor::from(app),
        action,
        company.id,
        "done",
    )
    .await?;
    let view = view(&mut tx, company).await?;
    tx.commit().await?;
    app.engine.work.notify_one();
    Ok(view)
}

async fn refused(app: &App, tx: Tx, details: &Details, error: ledgerline_store::Error) -> Error {
    // Not good for anything any more on PostgreSQL.
    drop(tx);
    match &details.external_id {
        Some(external_id) if company_details::is_taken(&error) => {
            owner(app, external_id).await.unwrap_or_else(|error| error)
        }
        Some(_) | None => Error::internal(&error),
    }
}

/// The refusal that names the customer that has this external id.
async fn owner(app: &App, external_id: &str) -> Result<Error, Error> {
    let mut tx = app.engine.store.read().await?;
    let owner = company_details::with_external_id(&mut tx, app.app, app.environment, external_id).await?;
    Ok(match owner {
        Some(owner) => Error::external_id_taken(print_customer(owner.0)),
        None => Error::conflict("external_customer_id already used"),
    })
}

async fn view(tx: &mut Tx, company: &Company) -> Result<CustomerView, Error> {
    let entry = directory::find(tx, company.app, company.environment, company.id).await?;
    Ok(entry.ok_or_else(Error::no_customer)?.into())
}
