use crate::{Envelope, SendError, Sms, SmsFault, SmsGateway};
use async_trait::async_trait;
use tabellion_domain::settings::{SmsMethod, SmsPart, SmsRequest, SmsWords};
use tabellion_http_client::{Bytes, Failure, Full, HttpClient, Request, StatusCode, Uri};

/// How much of an answer is shown to whoever tries the settings: services say in the first line what is wrong.
const SHOWN: usize = 300;

/// A service that takes SMS by the request that the settings describe.
pub struct HttpSms {
    client: HttpClient,
    request: SmsRequest,
}

impl HttpSms {
    /// Does not connect yet.
    ///
    /// # Errors
    /// The authority's certificate cannot be used.
    pub fn new(request: SmsRequest) -> Result<Self, Failure> {
        Ok(Self { client: HttpClient::new(request.authority_pem.as_deref())?, request })
    }

    /// Hands over one SMS, for somebody who waits for the answer.
    ///
    /// # Errors
    /// [`SmsFault`].
    pub async fn attempt(&self, sms: &Sms) -> Result<(), SmsFault> {
        let request = self.filled(sms).map_err(|failure| SmsFault::unusable(failure.to_string()))?;
        let answer =
            self.client.send(request).await.map_err(|failure| SmsFault::away(failure.to_string()))?;
        let text = String::from_utf8_lossy(answer.body());
        let said_yes = self.request.accepted.as_deref().is_none_or(|yes| text.contains(yes));
        if answer.status().is_success() && said_yes {
            return Ok(());
        }
        let shown: String = text.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
        Err(SmsFault::refused(answer.status().as_u16(), shown))
    }

    fn filled(&self, sms: &Sms) -> Result<Request<Full<Bytes>>, Failure> {
        let secret = self.request.secret.as_ref().map_or("", |secret| secret.reveal());
        let words = SmsWords { number: &sms.to, text: &sms.text, secret };
        let uri: Uri = words.fill(&self.request.url, SmsPart::Encoded).parse()?;
        let mut builder = Request::builder().uri(uri);
        for (name, value) in &self.request.headers {
            builder = builder.header(name, words.fill(value, SmsPart::Header));
        }
        let (method, body) = match self.request.method {
            SmsMethod::Get => ("GET", String::new()),
            SmsMethod::Post => {
                builder = builder.header("content-type", self.request.format.media_type());
                ("POST", words.fill(&self.request.body, self.request.format.part()))
            }
        };
        Ok(builder.method(method).body(Full::from(body))?)
    }
}

#[async_trait]
impl SmsGateway for HttpSms {
    async fn send_sms(&self, sms: &Sms, _: Envelope) -> Result<(), SendError> {
        Ok(self.attempt(sms).await?)
    }
}

impl SmsFault {
    fn away(detail: String) -> Self {
        Self { kind: crate::SmsFaultKind::Away, detail }
    }

    fn unusable(detail: String) -> Self {
        Self { kind: crate::SmsFaultKind::Unusable, detail }
    }

    fn refused(status: u16, answer: String) -> Self {
        let name = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        let detail = format!("{status} {}: {answer}", name.unwrap_or_default());
        Self { kind: crate::SmsFaultKind::Refused { status }, detail }
    }
}
