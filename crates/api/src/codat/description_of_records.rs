use ledgerline_model::DataType;
use ledgerline_model::query::{Kind, Schema as Queryable};
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem,
};
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::as_of;
use super::paging::ListParameters;
use super::records::{OF_COMPANIES, OF_CONNECTIONS};
use super::versions::VersionView;

/// Describe the routes that are made from tables, and so have no handler of their own to say it.
pub fn add(description: &mut OpenApi) {
    let components = description.components.get_or_insert_default();
    let mut schemas = Vec::new();
    <VersionView as ToSchema>::schemas(&mut schemas);
    schemas.push(("RecordVersion".to_owned(), VersionView::schema()));
    components.schemas.extend(schemas);
    let of_company = OF_COMPANIES.map(|(name, data_type)| {
        let path = format!("/companies/{{companyId}}/data/{name}");
        (path, data_type, "company")
    });
    let of_connection = OF_CONNECTIONS.map(|(name, data_type)| {
        let path = format!("/companies/{{companyId}}/connections/{{connectionId}}/data/{name}");
        (path, data_type, "connection")
    });
    for (path, data_type, owner) in of_company.into_iter().chain(of_connection) {
        let list_id = format!("list_{data_type}_of_{owner}");
        let one_id = format!("get_{data_type}_of_{owner}");
        add_schema(description, data_type);
        let list = operation(list_id, &format!("List {data_type}."), page_of(data_type.key()))
            .description(Some(
                "409 until the type has been read once; 404 where the platform cannot give it.",
            ))
            .parameters(Some(list_parameters()));
        let one = operation(one_id, &format!("Get one of {data_type}."), named(data_type)).parameter(as_of());
        let versions = operation(
            format!("list_versions_of_{data_type}_of_{owner}"),
            &format!("Ours: list the forms that one of {data_type} had, the newest first."),
            page_of("RecordVersion"),
        )
        .parameters(Some(version_parameters()));
        put(
            description,
            format!("{path}/{{recordId}}/versions"),
            versions.build(),
        );
        put(description, format!("{path}/{{recordId}}"), one.build());
        put(description, path, list.build());
    }
    let bank = DataType::BankTransactions;
    let of_account =
        "/companies/{companyId}/connections/{connectionId}/data/bankAccounts/{recordId}/bankTransactions";
    add_schema(description, bank);
    let list = operation(
        format!("list_{bank}"),
        "List the bank's transactions of a bank account.",
        page_of(bank.key()),
    )
    .parameters(Some(list_parameters()));
    put(description, of_account.to_owned(), list.build());

    add_schema(description, DataType::Company);
    let info = operation(
        "get_info".to_owned(),
        "Get what the organisation says of itself.",
        named(DataType::Company),
    )
    .parameter(as_of());
    put(
        description,
        "/companies/{companyId}/data/info".to_owned(),
        info.build(),
    );

    for data_type in [
        DataType::BalanceSheet,
        DataType::ProfitAndLoss,
        DataType::CashFlowStatement,
    ] {
        let summary = format!("Get the {data_type} of periods, the newest first.");
        let statement = operation(format!("get_{data_type}"), &summary, any())
            .description(Some(
                "Composed from statements of calendar months; a period that lacks a month is left out.",
            ))
            .parameters(Some(statement_parameters()));
        put(
            description,
            format!("/companies/{{companyId}}/data/financials/{data_type}"),
            statement.build(),
        );
    }
}

fn put(description: &mut OpenApi, path: String, operation: Operation) {
    let item = PathItem::new(HttpMethod::Get, operation);
    description
        .paths
        .paths
        .entry(path)
        .or_default()
        .merge_operations(item);
}

fn operation(id: String, summary: &str, body: RefOr<Schema>) -> OperationBuilder {
    let answer = ResponseBuilder::new().description("").content(
        "application/json",
        ContentBuilder::new().schema(Some(body)).build(),
    );
    let not_read = ResponseBuilder::new().description("The data set has not been requested.");
    OperationBuilder::new()
        .tag("Read data")
        .operation_id(Some(id))
        .summary(Some(summary))
        .response("200", answer)
        .response("409", not_read)
}

fn list_parameters() -> impl Iterator<Item = Parameter> {
    let shared = ListParameters::into_params(|| Some(ParameterIn::Query));
    shared.into_iter().chain([as_of()])
}

/// As of a list, without a query or an order.
fn version_parameters() -> impl Iterator<Item = Parameter> {
    list_parameters().filter(|parameter| !["query", "orderBy"].contains(&parameter.name.as_str()))
}

fn as_of() -> Parameter {
    ParameterBuilder::new()
        .name(as_of::NAME)
        .parameter_in(ParameterIn::Query)
        .description(Some(
            "Ours: the data as the last publication at or before an instant left it. An instant, the id of a Run \
             or of a dataset (as its last publication left the data), or `latest`. The links of the answer keep \
             it, so that all pages are of one state. The answer's header `Ledgerline-Run` says which Run left the \
             data so, and `Ledgerline-Notice` if it may not agree with other types as of the same.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

fn statement_parameters() -> impl Iterator<Item = Parameter> {
    let number = |name: &str, text: &str| {
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Query)
            .required(Required::True)
            .description(Some(text))
            .schema(Some(ObjectBuilder::new().schema_type(Type::Integer)))
            .build()
    };
    let start = ParameterBuilder::new()
        .name("startMonth")
        .parameter_in(ParameterIn::Query)
        .description(Some(
            "A day of the newest period's last month; absent: the most recent month.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build();
    [
        number("periodLength", "Months of each period."),
        number("periodsToCompare", "How many periods."),
        start,
        as_of(),
    ]
    .into_iter()
}

/// The fields that can be asked for in a query; the standard schema has further ones, lists above all.
fn add_schema(description: &mut OpenApi, data_type: DataType) {
    let mut object = ObjectBuilder::new()
        .description(Some(
            "The fields that `query` and `orderBy` know; there are further ones, such as lines.",
        ))
        .additional_properties(Some(AdditionalProperties::FreeForm(true)));
    for (name, kind) in Queryable::of(data_type).properties() {
        if !name.contains('.') {
            object = object.property(name, of_kind(kind));
        }
    }
    let metadata = ObjectBuilder::new().property("isDeleted", of_kind(Kind::Flag));
    let object = object.property("metadata", metadata);
    let components = description.components.get_or_insert_default();
    components
        .schemas
        .insert(data_type.key().to_owned(), RefOr::T(object.into()));
}

fn of_kind(kind: Kind) -> ObjectBuilder {
    let schema = ObjectBuilder::new();
    match kind {
        Kind::Text => schema.schema_type(Type::String),
        Kind::Number => schema
            .schema_type(Type::Number)
            .format(Some(SchemaFormat::Custom("decimal".to_owned()))),
        Kind::Date => schema
            .schema_type(Type::String)
            .format(Some(SchemaFormat::Custom("date-time".to_owned()))),
        Kind::Flag => schema.schema_type(Type::Boolean),
    }
}

fn named(data_type: DataType) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(data_type.key()))
}

fn page_of(schema: &str) -> RefOr<Schema> {
    let whole = || ObjectBuilder::new().schema_type(Type::Integer);
    let page = ObjectBuilder::new()
        .property(
            "results",
            ArrayBuilder::new().items(RefOr::Ref(Ref::from_schema_name(schema))),
        )
        .property("pageNumber", whole())
        .property("pageSize", whole())
        .property("totalResults", whole())
        .property("_links", RefOr::Ref::<Schema>(Ref::from_schema_name("Links")));
    RefOr::T(page.into())
}

fn any() -> RefOr<Schema> {
    RefOr::T(ObjectBuilder::new().into())
}
