//! `scope` and `filter` on every statement that touches a table.

use hiku::prelude::*;
use hiku::sql::Filter;
use hiku::testing::run;
use serde_json::json;

use super::databases::{execute, on_each};

#[derive(Clone)]
struct Tenant(i64);

fn of_tenant(tenant: &Tenant) -> Filter<Account> {
    Account::COLUMNS.tenant_id.eq(tenant.0)
}

fn notes_of_tenant(tenant: &Tenant) -> Filter<Note> {
    Note::COLUMNS.tenant_id.eq(tenant.0)
}

fn shares_of_tenant(tenant: &Tenant) -> Filter<Share> {
    Share::COLUMNS.tenant_id.eq(tenant.0)
}

#[node(table = "account", scope = of_tenant, filter = "deleted = FALSE")]
struct Account {
    #[key]
    id: i64,
    tenant_id: i64,
    #[field(hidden)]
    deleted: bool,
    #[link(to = Note::account_id, all)]
    notes: Many<Note>,
    #[link(to = Note::account_id, page = 5)]
    paged_notes: Many<Note>,
    #[link(through = Share, all)]
    shared: Many<Note>,
    #[link(through = Share, page = 5)]
    paged_shared: Many<Note>,
}

#[node(table = "note", scope = notes_of_tenant)]
struct Note {
    #[key]
    id: i64,
    tenant_id: i64,
    account_id: i64,
    #[link(from = account_id)]
    account: Maybe<Account>,
}

#[node(table = "share", scope = shares_of_tenant)]
struct Share {
    #[key]
    account_id: i64,
    #[key]
    note_id: i64,
    tenant_id: i64,
    #[link(from = account_id)]
    account: One<Account>,
    #[link(from = note_id)]
    note: One<Note>,
}

#[root]
struct Query {
    #[link(all)]
    accounts: Many<Account>,
    #[link]
    notes: Many<Note>,
    #[link(by_key)]
    account: Maybe<Account>,
    #[link(by_key)]
    note: Maybe<Note>,
}

#[root]
impl Query {
    #[link]
    async fn by_hand() -> Many<Account> {
        Many::keys([1, 2, 3, 4])
    }
}

async fn engine(db: Db) -> Engine {
    hiku::sql::create_tables::<Query>(&db).await.unwrap();
    execute(
        &db,
        &[
            "INSERT INTO account (id, tenant_id, deleted) VALUES (1, 1, FALSE), (2, 2, FALSE), (3, 1, TRUE), (4, 1, FALSE)",
            // The fourth note belongs to an account of another tenant, the fifth to a deleted one.
            "INSERT INTO note (id, tenant_id, account_id) VALUES (1, 1, 1), (2, 2, 1), (3, 2, 2), (4, 1, 2), (5, 1, 3)",
            "INSERT INTO share (account_id, note_id, tenant_id) VALUES (1, 1, 1), (1, 2, 1), (1, 4, 2), (4, 5, 1), (2, 3, 2)",
        ],
    )
    .await;
    Engine::builder(Graph::new::<Query>().unwrap()).data(db).request_data::<Tenant>().build().unwrap()
}

#[tokio::test]
async fn no_way_to_a_table_goes_round_its_scope() {
    on_each(|db| async move {
        let engine = engine(db).await;
        let query = "{ accounts { id notes { id } pagedNotes { id } shared { id } pagedShared { id } } notes { id account { id } }
                       byHand { id } mine: account(id: 1) { id } theirs: account(id: 2) { id } gone: account(id: 3) { id }
                       note(id: 2) { id } }";
        // Twice, so that the second run is of a cached plan; then another tenant, over the same plan.
        for _ in 0..2 {
            let ran = run(&engine, Request::new(query).data(Tenant(1))).await;
            ran.assert_json(json!({"data": {
                "accounts": [
                    {"id": "1", "notes": [{"id": "1"}], "pagedNotes": [{"id": "1"}], "shared": [{"id": "1"}], "pagedShared": [{"id": "1"}]},
                    {"id": "4", "notes": [], "pagedNotes": [], "shared": [{"id": "5"}], "pagedShared": [{"id": "5"}]},
                ],
                "notes": [{"id": "1", "account": {"id": "1"}}, {"id": "4", "account": null}, {"id": "5", "account": null}],
                "byHand": [{"id": "1"}, {"id": "4"}],
                "mine": {"id": "1"}, "theirs": null, "gone": null, "note": null,
            }}));
        }
        let ran = run(&engine, Request::new(query).data(Tenant(2))).await;
        ran.assert_json(json!({"data": {
            "accounts": [{"id": "2", "notes": [{"id": "3"}], "pagedNotes": [{"id": "3"}], "shared": [{"id": "3"}], "pagedShared": [{"id": "3"}]}],
            "notes": [{"id": "2", "account": null}, {"id": "3", "account": {"id": "2"}}],
            "byHand": [{"id": "2"}],
            "mine": null, "theirs": {"id": "2"}, "gone": null, "note": {"id": "2"},
        }}));
    })
    .await;
}
