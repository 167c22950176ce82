use hickory_proto::{
    op::{Message, OpCode, ResponseCode},
    rr::{
        DNSClass, Name, RData, Record, RecordType, TSigResponseContext, TSigner,
        rdata::{SOA, TXT, tsig::TsigAlgorithm},
    },
};
use std::{
    collections::BTreeSet,
    str::FromStr,
    sync::{Arc, Mutex},
};
use tokio::{net::UdpSocket, task::JoinHandle};

/// The zone that the server has.
pub(crate) const ZONE: &str = "office.test";
pub(crate) const KEY_NAME: &str = "visio-acme";
pub(crate) const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

/// Names without their last dot, and texts.
type Texts = Arc<Mutex<BTreeSet<(String, String)>>>;

/// A primary server of one zone.
pub(crate) struct DnsServer {
    pub(crate) port: u16,
    /// What it has now.
    pub(crate) texts: Texts,
    /// What it has ever had.
    pub(crate) ever: Texts,
    task: JoinHandle<()>,
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl DnsServer {
    pub(crate) async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = socket.local_addr().unwrap().port();
        let (texts, ever) = (Texts::default(), Texts::default());
        let zone = Zone { texts: texts.clone(), ever: ever.clone() };
        let task = tokio::spawn(async move {
            let mut bytes = [0; 4096];
            loop {
                let (length, peer) = socket.recv_from(&mut bytes).await.unwrap();
                let answer = zone.answer(&bytes[..length]);
                socket.send_to(&answer, peer).await.unwrap();
            }
        });
        Self { port, texts, ever, task }
    }
}

struct Zone {
    texts: Texts,
    ever: Texts,
}

impl Zone {
    fn answer(&self, bytes: &[u8]) -> Vec<u8> {
        let asked = Message::from_vec(bytes).unwrap();
        let mut answer = Message::response(asked.id, asked.op_code);
        answer.add_queries(asked.queries.clone());
        if asked.op_code == OpCode::Update {
            return self.update(&asked, bytes, answer);
        }
        answer.metadata.authoritative = true;
        let query = &asked.queries[0];
        let owner = plain(query.name());
        if !owner.ends_with(ZONE) {
            answer.metadata.response_code = ResponseCode::Refused;
            return answer.to_vec().unwrap();
        }
        if query.query_type() == RecordType::TXT {
            for (_, text) in self.texts.lock().unwrap().iter().filter(|(name, _)| *name == owner) {
                let data = RData::TXT(TXT::new(vec![text.clone()]));
                answer.add_answer(Record::from_rdata(query.name().clone(), 60, data));
            }
        }
        if answer.answers.is_empty() {
            let zone = name(ZONE);
            let soa = SOA::new(name("ns.office.test"), name("admin.office.test"), 1, 60, 60, 600, 60);
            answer.add_authority(Record::from_rdata(zone, 60, RData::SOA(soa)));
        }
        answer.to_vec().unwrap()
    }

    fn update(&self, asked: &Message, bytes: &[u8], mut answer: Message) -> Vec<u8> {
        let signer = TSigner::new(KEY.to_vec(), TsigAlgorithm::HmacSha256, name(KEY_NAME), 300).unwrap();
        let Ok((mac, time, _)) = signer.verify_message_byte(bytes, None, true) else {
            answer.metadata.response_code = ResponseCode::NotAuth;
            let context = TSigResponseContext::bad_signature(asked.id, 0, signer);
            let signature = context.sign(&answer.to_vec().unwrap()).unwrap();
            answer.set_signature(signature);
            return answer.to_vec().unwrap();
        };
        assert_eq!((plain(asked.queries[0].name()).as_str(), asked.answers.len()), (ZONE, 0));
        for record in &asked.authorities {
            let RData::TXT(text) = &record.data else { panic!("{record:?}") };
            let text = String::from_utf8(text.txt_data.concat()).unwrap();
            let entry = (plain(&record.name), text);
            if record.dns_class == DNSClass::NONE {
                self.texts.lock().unwrap().remove(&entry);
            } else {
                self.ever.lock().unwrap().insert(entry.clone());
                self.texts.lock().unwrap().insert(entry);
            }
        }
        let context = TSigResponseContext::new(asked.id, time, signer, mac, None);
        let signature = context.sign(&answer.to_vec().unwrap()).unwrap();
        answer.set_signature(signature);
        answer.to_vec().unwrap()
    }
}

fn name(text: &str) -> Name {
    Name::from_str(&format!("{text}.")).unwrap()
}

fn plain(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_lowercase()
}
