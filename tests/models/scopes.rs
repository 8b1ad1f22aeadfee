//! What the annotation says of every statement holds for models.

use hiku::Context;
use hiku::prelude::*;
use hiku::sql::Filter;
use serde_json::json;

use super::databases::{execute, on_each};

struct Tenant(i64);

fn of_tenant(tenant: &Tenant) -> Filter<Account> {
    Account::COLUMNS.tenant_id.eq(tenant.0)
}

#[node(table = "account", scope = of_tenant)]
#[derive(Clone, Debug, PartialEq)]
struct Account {
    #[key]
    id: i64,
    tenant_id: i64,
    name: String,
}

#[node(table = "document", filter = "deleted = 0", order = "-year")]
#[derive(Clone, Debug, PartialEq)]
struct Document {
    #[key]
    id: i64,
    year: i64,
    deleted: i64,
}

#[node(table = "recent", view = "SELECT * FROM document WHERE year > 2000")]
#[derive(Clone, Debug, PartialEq)]
struct Recent {
    #[key]
    id: i64,
    year: i64,
}

#[root]
struct Query {
    #[link(all)]
    accounts: Many<Account>,
    #[link(all)]
    documents: Many<Document>,
}

#[node]
impl Account {
    /// In a request the scope is known.
    #[field]
    async fn siblings(context: &Context, Data(db): Data<Db>, id: &[i64]) -> Result<Vec<i64>> {
        let seen = Account::select(&db).scoped(context).count().await?;
        Ok(id.iter().map(|_| seen as i64).collect())
    }
}

const C: <Account as Node>::Columns = Account::COLUMNS;

#[tokio::test]
async fn a_scope_is_asked_for() {
    on_each(|db| async move {
        hiku::sql::create_tables::<Query>(&db).await.unwrap();
        let account = |id, tenant_id| Account { id, tenant_id, name: format!("a{id}") };
        Account::insert(&db, [account(1, 1), account(2, 1), account(3, 2)]).await.unwrap();
        let refused = [
            Account::get(&db, 1).await.map(drop).unwrap_err(),
            Account::select(&db).await.map(drop).unwrap_err(),
            Account::select(&db).count().await.map(drop).unwrap_err(),
            Account::delete(&db).await.map(drop).unwrap_err(),
            Account::update(&db, [C.name.set("x")]).await.map(drop).unwrap_err(),
            account(1, 1).save(&db).await.unwrap_err(),
            account(1, 1).remove(&db).await.map(drop).unwrap_err(),
            Account::get_or_create(&db, [C.id.set(1)], []).await.map(drop).unwrap_err(),
        ];
        for error in refused {
            assert!(error.to_string().contains("`account` has a `scope`"), "{error}");
        }
        assert_eq!(Account::select(&db).unscoped().count().await.unwrap(), 3);
        assert_eq!(Account::delete(&db).unscoped().filter(C.id.eq(2)).await.unwrap(), 1);

        let builder = Engine::builder(Graph::new::<Query>().unwrap()).data(db).request_data::<Tenant>();
        let engine = builder.build().unwrap();
        let answer = engine.execute(Request::new("{ accounts { id siblings } }").data(Tenant(2))).await.to_value();
        assert_eq!(answer, json!({"data": {"accounts": [{"id": "3", "siblings": 1}]}}));
    })
    .await;
}

#[tokio::test]
async fn a_filter_and_an_order_of_the_annotation_hold() {
    on_each(|db| async move {
        hiku::sql::create_tables::<Query>(&db).await.unwrap();
        execute(
            &db,
            &["INSERT INTO document (id, year, deleted) VALUES (1, 1999, 0), (2, 2005, 0), (3, 2005, 1), (4, 2010, 0)"],
        )
        .await;
        let (id, year) = (Document::COLUMNS.id, Document::COLUMNS.year);
        assert_eq!(Document::select(&db).column(id).await.unwrap(), [4, 2, 1]);
        assert_eq!(Document::select(&db).order_by(id).column(id).await.unwrap(), [1, 2, 4]);
        assert_eq!(Document::get(&db, 3).await.unwrap(), None);
        assert_eq!(Document::update(&db, [year.plus(1)]).await.unwrap(), 3);
        assert_eq!(Document::delete(&db).filter(id.any_of([3, 4])).await.unwrap(), 1);

        assert_eq!(Recent::select(&db).column(Recent::COLUMNS.id).await.unwrap(), [2, 3]);
        let error = Recent::delete(&db).await.unwrap_err();
        assert!(error.to_string().contains("`recent` is a view"), "{error}");
    })
    .await;
}
