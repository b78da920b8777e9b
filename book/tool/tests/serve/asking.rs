//! A client that asks as a page of the book does.

use std::io::{BufRead, BufReader, Read};

use serde_json::{Value, json};
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

use crate::server::Server;

/// A server, and a client that asks it.
pub(crate) struct Asking {
    pub(crate) server: Server,
    pub(crate) agent: Agent,
}

impl Asking {
    pub(crate) fn start() -> Asking {
        Asking::to(Server::start())
    }

    pub(crate) fn to(server: Server) -> Asking {
        // Each request gets a connection of its own.
        let config = Agent::config_builder().http_status_as_error(false).max_idle_connections(0);
        Asking { server, agent: config.build().new_agent() }
    }

    pub(crate) fn get(&self, path: &str) -> Response<Body> {
        self.agent.get(format!("{}{path}", self.server.address)).call().unwrap()
    }

    pub(crate) fn page(&self, path: &str) -> String {
        self.get(path).into_body().read_to_string().unwrap()
    }

    /// The token in the script of each page.
    pub(crate) fn token(&self) -> String {
        let page = self.page("/index.html");
        let (_, rest) = page.split_once("data-token=\"").expect("the page has our script");
        rest.split('"').next().unwrap().to_owned()
    }

    /// Asks for a run.
    pub(crate) fn wish(&self, body: &Value, headers: &[(&str, &str)]) -> Response<Body> {
        self.post("/-/run", body, headers)
    }

    /// Sends what a page of the book would send, with some of its headers replaced.
    pub(crate) fn post(
        &self,
        path: &str,
        body: &Value,
        headers: &[(&str, &str)],
    ) -> Response<Body> {
        let token = self.token();
        let mut all = vec![
            ("content-type", "application/json"),
            ("origin", &*self.server.address),
            ("x-book-token", &*token),
        ];
        for (name, value) in headers {
            all.retain(|(known, _)| known != name);
            if !value.is_empty() {
                all.push((name, value));
            }
        }
        let request = self.agent.post(format!("{}{path}", self.server.address));
        let request =
            all.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.send(body.to_string()).unwrap()
    }

    pub(crate) fn run(&self, name: &str, choices: Value) -> Events {
        let answer = self.wish(&json!({ "name": name, "choices": choices }), &[]);
        assert_eq!(answer.status(), StatusCode::OK);
        events(answer)
    }
}

/// What the answer to a run tells.
pub(crate) fn events(answer: Response<Body>) -> Events {
    Events(BufReader::new(Box::new(answer.into_body().into_reader())))
}

/// What a run tells, as it happens.
pub(crate) struct Events(BufReader<Box<dyn Read + Send>>);

impl Iterator for Events {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        (!line.is_empty()).then(|| serde_json::from_str(&line).unwrap())
    }
}

/// The text of all events of this kind.
pub(crate) fn text_in(events: &[Value], kind: &str) -> String {
    let matching = events.iter().filter(|event| event["event"] == kind);
    matching.filter_map(|event| event["text"].as_str()).collect()
}
