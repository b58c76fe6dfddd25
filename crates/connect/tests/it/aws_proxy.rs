//! A company's proxy that looks into encrypted traffic: it takes every `CONNECT`, shows a certificate of its own authority
//! for the host asked for, and answers in AWS's place. So requests go to AWS's real addresses, and none leaves the machine.

use crate::child;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use twin_connect::network::Network;

pub(crate) struct Proxy {
    url: String,
    authority: String,
    asked: Receiver<Asked>,
}

/// A request, as it came out of the encryption.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) host: String,
    /// `GET /foundation-models?…`
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.as_str())
    }
}

/// Status and body.
pub(crate) type Answer = (u16, Vec<u8>);

pub(crate) fn json(value: &serde_json::Value) -> Answer {
    (200, value.to_string().into_bytes())
}

impl Proxy {
    pub(crate) fn start(script: impl Fn(&Asked) -> Answer + Send + 'static) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, asked) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                // A client that does not like the certificate hangs up.
                let _ = serve(stream, &issuer, &sender, &script);
            }
        });
        Self { url, authority, asked }
    }

    /// What came in until now.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.try_iter().collect()
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Its authority's certificate, written into `folder`.
    pub(crate) fn ca_file(&self, folder: &Path) -> PathBuf {
        let path = folder.join("company.pem");
        fs_err::write(&path, &self.authority).unwrap();
        path
    }

    pub(crate) fn network(&self, folder: &Path) -> Network {
        Network { proxy: Some(self.url.clone()), ca_file: Some(self.ca_file(folder)) }
    }
}

fn serve(
    mut stream: TcpStream,
    issuer: &Issuer<'_, KeyPair>,
    sender: &Sender<Asked>,
    script: &impl Fn(&Asked) -> Answer,
) -> Option<()> {
    let (target, _) = head(&mut BufReader::new(stream.try_clone().ok()?))?;
    let host = target.strip_prefix("CONNECT ")?.split(':').next()?.to_owned();
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").ok()?;
    let mut tls = BufReader::new(StreamOwned::new(connection(&host, issuer), stream));
    let (target, headers) = head(&mut tls)?;
    let mut asked = Asked { host, target, headers, body: String::new() };
    let mut body = vec![0; asked.header("content-length").parse().unwrap_or(0)];
    tls.read_exact(&mut body).ok()?;
    asked.body = String::from_utf8(body).unwrap();
    sender.send(asked.clone()).ok()?;
    let (status, body) = script(&asked);
    let kind = if asked.target.ends_with("converse-stream") { "vnd.amazon.eventstream" } else { "json" };
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-length: {}\r\ncontent-type: application/{kind}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let tls = tls.get_mut();
    tls.write_all(&[head.into_bytes(), body].concat()).ok()?;
    tls.conn.send_close_notify();
    tls.flush().ok()
}

fn head(reader: &mut impl BufRead) -> Option<(String, Vec<(String, String)>)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let target = line.rsplit_once(" HTTP/")?.0.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { return Some((target, headers)) };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
}

fn connection(host: &str, issuer: &Issuer<'_, KeyPair>) -> ServerConnection {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![host.to_owned()]).unwrap().signed_by(&key, issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    ServerConnection::new(Arc::new(config)).unwrap()
}

/// Runs `body` in a child whose home holds `files`, with `environment`; `PROXY` in a value becomes the proxy's address, and
/// `CA` its certificate's file. In the child there is no proxy to look at, hence the `Option`.
pub(crate) fn in_child(
    test: &str,
    files: &[(&str, &str)],
    environment: &[(&str, &str)],
    script: impl Fn(&Asked) -> Answer + Send + 'static,
    body: impl AsyncFnOnce(Network),
) -> Option<Proxy> {
    if child::case().is_some() {
        let variable = |name| std::env::var_os(name).unwrap();
        let network = Network {
            proxy: Some(variable("TEST_PROXY").into_string().unwrap()),
            ca_file: Some(variable("TEST_CA").into()),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(body(network));
        return None;
    }
    let proxy = Proxy::start(script);
    let home = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = home.path().join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, content).unwrap();
    }
    let ca_file = proxy.ca_file(home.path());
    let mut command = child::command(&[], test, "child", home.path());
    command.env("TEST_PROXY", proxy.url()).env("TEST_CA", &ca_file);
    command.envs(
        environment
            .iter()
            .map(|(key, value)| (key, value.replace("PROXY", proxy.url()).replace("CA", ca_file.to_str().unwrap()))),
    );
    child::pass(command);
    Some(proxy)
}
