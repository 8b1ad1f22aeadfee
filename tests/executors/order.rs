//! In whatever order loaders end: the answer is the same, and nothing is left.

use std::pin::pin;
use std::sync::{Arc, Mutex};

use hiku::prelude::*;
use tokio::sync::{Barrier, oneshot};
use tokio::time::timeout;

use super::support::LONG;

type Gate = (String, oneshot::Sender<()>);

/// Loaders that wait until the test lets them go on; each call keeps a token.
#[derive(Clone, Default)]
struct Gates {
    waiting: Arc<Mutex<Vec<Gate>>>,
    token: Arc<()>,
}

impl Gates {
    async fn pass(self, name: String) {
        let _token = self.token.clone();
        let (open, opened) = oneshot::channel();
        self.waiting.lock().unwrap().push((name, open));
        let _ = opened.await;
    }

    fn waiting(&self) -> usize {
        self.waiting.lock().unwrap().len()
    }

    fn open(&self, at: usize) -> String {
        let (name, open) = self.waiting.lock().unwrap().remove(at);
        let _ = open.send(());
        name
    }
}

/// A fork: of each, further ones.
#[node(memory)]
struct Fork {
    #[key]
    id: i64,
}

#[node]
impl Fork {
    #[link]
    async fn left(Data(gates): Data<Gates>, id: &[i64]) -> Vec<One<Fork>> {
        gates.pass(format!("left of {id:?}")).await;
        id.iter().map(|id| One::key(id * 2 % 50)).collect()
    }

    #[link]
    async fn right(Data(gates): Data<Gates>, id: &[i64]) -> Vec<Many<Fork>> {
        gates.pass(format!("right of {id:?}")).await;
        id.iter().map(|id| Many::keys([(id * 2 + 1) % 50, id % 3])).collect()
    }

    #[field]
    async fn weight(Data(gates): Data<Gates>, id: &[i64]) -> Vec<Result<i64>> {
        gates.pass(format!("weight of {id:?}")).await;
        id.iter().map(|&id| if id == 5 { Err(Error::new("heavy")) } else { Ok(id) }).collect()
    }
}

#[root]
struct Query {}

#[root]
impl Query {
    #[link]
    async fn fork(Data(gates): Data<Gates>, #[arg] id: i64) -> Maybe<Fork> {
        gates.pass(format!("fork {id}")).await;
        Maybe::key(id)
    }
}

const QUERY: &str = "{
    a: fork(id: 1) { id left { weight left { id } right { weight } } right { id left { weight right { id } } } }
    b: fork(id: 2) { weight right { id weight left { left { id weight } } } }
    c: fork(id: 3) { id }
}";

fn engine(gates: &Gates) -> Engine {
    let forks: Vec<Fork> = (0..50).map(|id| Fork { id }).collect();
    let graph = Graph::new::<Query>().unwrap();
    Engine::builder(graph).data(Memory::new(&forks)).data(gates.clone()).build().unwrap()
}

/// Open one gate after the other, and look after each. What was asked, sorted, and what was answered.
async fn opened(pick: impl Fn(usize) -> usize) -> (Vec<String>, Response) {
    let gates = Gates::default();
    let engine = engine(&gates);
    let mut asked = Vec::new();
    let response = {
        let mut running = pin!(engine.execute(QUERY));
        loop {
            if let std::task::Poll::Ready(response) = futures::poll!(running.as_mut()) {
                break response;
            }
            asked.push(gates.open(pick(gates.waiting())));
        }
    };
    assert_eq!(gates.waiting(), 0);
    // This one's, and that of the engine.
    assert_eq!(Arc::strong_count(&gates.token), 2, "no call is kept");
    asked.sort();
    (asked, response)
}

#[tokio::test]
async fn c02_the_first_first_or_the_last_first_the_answer_is_the_same_and_no_call_is_left() {
    let (asked, response) = opened(|_| 0).await;
    assert_eq!(asked.len(), response.loads().len());
    assert!(asked.len() > 14, "{asked:?}");
    assert_eq!(response.to_value()["errors"][0]["message"], "heavy");
    for pick in [|waiting| waiting - 1, |waiting| waiting / 2] {
        let again = opened(pick).await;
        assert_eq!((&again.0, again.1.bytes()), (&asked, response.bytes()));
    }
}

#[tokio::test]
async fn c03_waking_it_for_nothing_changes_nothing() {
    let (asked, response) = opened(|_| 0).await;
    let gates = Gates::default();
    let engine = engine(&gates);
    let mut running = pin!(engine.execute(QUERY));
    let mut opened = Vec::new();
    let again = loop {
        if let std::task::Poll::Ready(response) = futures::poll!(running.as_mut()) {
            break response;
        }
        let waiting = gates.waiting();
        for _ in 0..5 {
            assert!(futures::poll!(running.as_mut()).is_pending());
            assert_eq!(gates.waiting(), waiting, "nothing was called again");
        }
        opened.push(gates.open(0));
    };
    opened.sort();
    assert_eq!((opened, again.bytes()), (asked, response.bytes()));
}

#[tokio::test]
async fn c12_independent_links_overlap_and_dependents_wait_for_what_they_require() {
    #[derive(Clone)]
    struct Meet(Arc<Barrier>, Arc<Mutex<Vec<&'static str>>>);
    #[node(memory)]
    struct Thing {
        #[key]
        id: i64,
    }
    #[node]
    impl Thing {
        #[field]
        async fn first(Data(Meet(_, log)): Data<Meet>, id: &[i64]) -> Vec<i64> {
            tokio::task::yield_now().await;
            log.lock().unwrap().push("first");
            id.iter().map(|id| id + 1).collect()
        }
        #[field]
        async fn second(Data(Meet(_, log)): Data<Meet>, first: &[i64]) -> Vec<i64> {
            log.lock().unwrap().push("second");
            first.iter().map(|first| first + 1).collect()
        }
    }
    #[root]
    struct Query {}
    #[root]
    impl Query {
        #[link]
        async fn left(Data(Meet(barrier, _)): Data<Meet>) -> One<Thing> {
            barrier.wait().await;
            One::key(1)
        }
        #[link]
        async fn right(Data(Meet(barrier, _)): Data<Meet>) -> One<Thing> {
            barrier.wait().await;
            One::key(2)
        }
    }
    let meet = Meet(Arc::new(Barrier::new(2)), Arc::default());
    let engine = Engine::builder(Graph::new::<Query>().unwrap())
        .data(Memory::new(&[Thing { id: 1 }, Thing { id: 2 }]))
        .data(meet.clone())
        .build()
        .unwrap();
    // Each waits for the other.
    let response =
        timeout(LONG, engine.execute("{ left { second } right { id } }")).await.expect("they do not overlap");
    assert_eq!(response.to_string(), r#"{"data":{"left":{"second":3},"right":{"id":"2"}}}"#);
    assert_eq!(*meet.1.lock().unwrap(), ["first", "second"]);
}
