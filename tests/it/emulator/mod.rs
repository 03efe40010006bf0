//! The stand-in cloud, seen from outside: raw HTTP over a real socket, signed by code of the tests' own.

mod accounts;
mod backups;
mod client;
mod console;
mod control;
mod denials;
mod faults;
mod function;
mod gateway;
mod invoke;
mod keys;
mod life;
mod metadata;
mod oidc;
mod queue;
mod rds;
mod secrets;
mod sessions;
mod signer;
mod sinks;
mod state;

use std::net::SocketAddr;

use rds_seal::emulator::Emulator;
use serde_json::Value;

use client::Reply;
use signer::Rpc;

/// One stand-in cloud on a free port.
struct Cloud {
    address: SocketAddr,
}

impl Cloud {
    async fn start() -> Self {
        Self::serve(Emulator::new()).await
    }

    /// A cloud with these instances.
    async fn with(instances: Value) -> Self {
        let cloud = Self::start().await;
        assert_eq!(cloud.put("instances", &instances).await.status, 204);
        cloud
    }

    async fn serve(emulator: Emulator) -> Self {
        Self { address: emulator.start(([127, 0, 0, 1], 0).into()).await.unwrap() }
    }

    async fn call(&self, rpc: Rpc) -> Reply {
        Reply::parse(&client::send(self.address, &rpc.v3()).await.unwrap())
    }

    /// Sends a request as it stands.
    async fn send(&self, request: &str) -> Reply {
        Reply::parse(&client::send(self.address, request).await.unwrap())
    }

    /// What an operation answers, which must succeed.
    async fn answer(&self, rpc: Rpc) -> Value {
        let reply = self.call(rpc).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()
    }

    /// Sets a part of the world, which must succeed.
    async fn set(&self, path: &str, body: Value) {
        let reply = self.put(path, &body).await;
        assert_eq!(reply.status, 204, "{}", reply.body);
    }

    async fn raw(&self, rpc: Rpc) -> Vec<u8> {
        client::send(self.address, &rpc.v3()).await.unwrap()
    }

    async fn request(&self, method: &str, path: &str, body: &str) -> Reply {
        self.request_with(method, &format!("/_emulator/{path}"), "", body).await
    }

    /// A request to any path, with further headers, each ending in a line break.
    async fn request_with(&self, method: &str, path: &str, headers: &str, body: &str) -> Reply {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             {headers}content-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        Reply::parse(&client::send(self.address, &request).await.unwrap())
    }

    async fn get(&self, path: &str) -> Value {
        let reply = self.request("GET", path, "").await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()
    }

    async fn put(&self, path: &str, body: &Value) -> Reply {
        self.request("PUT", path, &body.to_string()).await
    }

    async fn script(&self, faults: Value) {
        let reply = self.request("POST", "faults", &faults.to_string()).await;
        assert_eq!(reply.status, 204, "{}", reply.body);
    }

    /// The codes of all calls so far.
    async fn codes(&self) -> Vec<String> {
        let calls = self.get("calls").await;
        calls.as_array().unwrap().iter().map(|call| call["code"].as_str().unwrap().to_owned()).collect()
    }

    /// Whether the first instance is sealed.
    async fn is_sealed(&self) -> bool {
        self.get("instances").await[0]["backup_encryption"] == true
    }
}

fn seal(instance: &str) -> Rpc {
    Rpc::new("EnableBackupEncryption").with("DBInstanceName", instance)
}

fn describe(instance: &str) -> Rpc {
    Rpc::new("DescribeDBInstanceAttribute").with("DBInstanceId", instance)
}
