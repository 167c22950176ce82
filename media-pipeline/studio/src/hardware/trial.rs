use crate::{
    codecs::{self, VideoEncoding},
    pipeline::{Callbacks, Pipeline, bytes},
    rtp::Packet,
};
use anyhow::{Context, bail, ensure};
use gstreamer as gst;
use nix::time::{ClockId, clock_gettime};
use std::{
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::Duration,
};
use tabellion_h264::{AVDEC, Candidate, Role, X264ENC};
use tabellion_media_protocol::{PacketizationMode, VideoCodec, studio::H264};
use tabellion_payload::h264::starts_key_frame;

/// Of the pictures: the largest that are composed.
const SIZE: (usize, usize) = (1_280, 720);
const KBPS: u32 = 1_600;
/// Two seconds.
const PICTURES: usize = 50;
const PERIOD: gst::ClockTime = gst::ClockTime::from_mseconds(40);
/// A key frame is asked for with this picture.
const ASKED_AT: usize = 25;
/// Buffers that may wait at a pipeline's input.
const WAITING: u32 = 512;
/// What comes later than this after its picture was held back for the next.
const PATIENCE: Duration = Duration::from_secs(3);
/// How far, of 255, the brightness may be from what it was, on average over the last picture.
const NEAR: u64 = 8;
/// SSRC of the packets.
const SSRC: u32 = 1;

/// Has an element work as in a call: no picture is held back for the next, a key frame comes when it is asked for, and what comes out is
/// what went in. Processor time for one picture, in µs. To be called in a process that does nothing else.
///
/// # Errors
/// It does not: why.
pub fn trial(element: &Candidate) -> anyhow::Result<u32> {
    gst::init().context("GStreamer does not start")?;
    element.probe().map_err(anyhow::Error::msg)?;
    let software = |name: &str| Candidate::of_name(name).context("it is one that this release knows");
    let (encoded, decoded) = match element.role {
        Role::Encoder => {
            let (packets, cpu) = encode(element)?;
            (cpu, decode(&software(AVDEC)?, &packets)?.0)
        }
        Role::Decoder => {
            let (packets, _) = encode(&software(X264ENC)?)?;
            let (picture, cpu) = decode(element, &packets)?;
            (cpu, picture)
        }
    };
    let difference = difference(&decoded, &picture(PICTURES - 1));
    ensure!(difference <= NEAR, "pictures come out other than they went in (by {difference} of 255)");
    Ok(u32::try_from(encoded.as_micros() / PICTURES as u128).unwrap_or(u32::MAX))
}

enum Came {
    Sample(gst::Sample),
    Failed(String),
}

/// What is listened to, and where it comes.
fn callbacks() -> (Callbacks, Receiver<Came>) {
    let (came, received) = channel();
    let failed = came.clone();
    // The trial may be over, with nobody to tell.
    let output = Box::new(move |sample: &gst::Sample| drop(came.send(Came::Sample(sample.clone()))));
    let failed = Box::new(move |reason| drop(failed.send(Came::Failed(reason))));
    (Callbacks { output, failed, key_frame: None, patience: None }, received)
}

/// Waits for samples until one is the last of its picture.
fn samples(
    received: &Receiver<Came>,
    mut is_last: impl FnMut(&gst::Sample) -> bool,
) -> anyhow::Result<Vec<gst::Sample>> {
    let mut samples = Vec::new();
    loop {
        match received.recv_timeout(PATIENCE) {
            Ok(Came::Sample(sample)) => {
                let last = is_last(&sample);
                samples.push(sample);
                if last {
                    return Ok(samples);
                }
            }
            Ok(Came::Failed(reason)) => bail!("{reason}"),
            Err(RecvTimeoutError::Timeout) => bail!("it holds pictures back for those that come"),
            Err(RecvTimeoutError::Disconnected) => bail!("its pipeline has ended"),
        }
    }
}

/// The packets of each picture, and the processor time.
fn encode(element: &Candidate) -> anyhow::Result<(Vec<Vec<Vec<u8>>>, Duration)> {
    let encoding = VideoEncoding {
        packetization: PacketizationMode::NonInterleaved,
        kbps: KBPS,
        ssrc: SSRC,
        rows: SIZE.1 as u32,
    };
    let (callbacks, received) = callbacks();
    let caps = codecs::raw_video(SIZE.0 as u32, SIZE.1 as u32);
    let pipeline =
        Pipeline::start(&caps, &codecs::video_encoder(element, &encoding), WAITING, false, callbacks)?;
    let pictures: Vec<_> = (0..PICTURES).map(picture).collect();
    let before = worked()?;
    let mut packets = Vec::new();
    for (number, picture) in pictures.into_iter().enumerate() {
        if number == ASKED_AT {
            pipeline.force_key_frame();
        }
        pipeline.push(stamped(picture, number));
        let came = samples(&received, |sample| read(sample).is_some_and(|bytes| marker(&bytes)))?;
        packets.push(came.iter().filter_map(read).collect::<Vec<_>>());
    }
    let cpu = worked()?.saturating_sub(before);
    let key = |picture: &Vec<Vec<u8>>| {
        picture.iter().filter_map(|bytes| Packet::parse(bytes)).any(|packet| starts_key_frame(packet.payload))
    };
    ensure!(packets.first().is_some_and(key), "it does not begin with a key frame");
    ensure!(packets[ASKED_AT..].iter().take(3).any(key), "no key frame comes when one is asked for");
    Ok((packets, cpu))
}

/// The last picture, and the processor time.
fn decode(element: &Candidate, packets: &[Vec<Vec<u8>>]) -> anyhow::Result<(Vec<u8>, Duration)> {
    let (callbacks, received) = callbacks();
    let description =
        format!("{} ! {}", codecs::video_decoder(VideoCodec::H264, element), codecs::AS_COMPOSED);
    let caps = codecs::video_rtp(VideoCodec::H264, H264);
    let pipeline = Pipeline::start(&caps, &description, WAITING, false, callbacks)?;
    let before = worked()?;
    let mut last = None;
    for (number, picture) in packets.iter().enumerate() {
        for packet in picture {
            pipeline.push(stamped(packet.clone(), number));
        }
        last = samples(&received, |_| true)?.pop();
    }
    let cpu = worked()?.saturating_sub(before);
    Ok((last.as_ref().and_then(read).context("no picture came out")?, cpu))
}

fn stamped(bytes: Vec<u8>, number: usize) -> gst::Buffer {
    let mut buffer = gst::Buffer::from_mut_slice(bytes);
    if let Some(buffer) = buffer.get_mut() {
        buffer.set_pts(PERIOD * number as u64);
    }
    buffer
}

fn read(sample: &gst::Sample) -> Option<Vec<u8>> {
    bytes(sample).map(|bytes| bytes.to_vec())
}

fn marker(rtp: &[u8]) -> bool {
    Packet::parse(rtp).is_some_and(|packet| packet.marker)
}

/// Processor time of this process.
fn worked() -> anyhow::Result<Duration> {
    let time = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID);
    Ok(time.context("the kernel does not tell how long this process ran")?.into())
}

/// I420: stripes that move, before a grey that changes.
fn picture(number: usize) -> Vec<u8> {
    let (width, height) = SIZE;
    let mut bytes = vec![128; width * height * 3 / 2];
    for (y, row) in bytes[..width * height].chunks_exact_mut(width).enumerate() {
        for (x, luma) in row.iter_mut().enumerate() {
            let stripe = (x + y / 2 + number * 6) / 64 % 4;
            *luma = (40 + stripe * 45 + number % 8) as u8;
        }
    }
    bytes
}

/// Of the brightness, on average.
fn difference(one: &[u8], other: &[u8]) -> u64 {
    let pixels = SIZE.0 * SIZE.1;
    if one.len() < pixels || other.len() < pixels {
        return 255;
    }
    let sum: u64 =
        one[..pixels].iter().zip(&other[..pixels]).map(|(one, other)| u64::from(one.abs_diff(*other))).sum();
    sum / pixels as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> anyhow::Result<u32> {
        trial(&Candidate::of_name(name).unwrap())
    }

    #[test]
    fn software_does_what_a_call_asks_of_it() {
        gst::init().unwrap();
        assert!(of(X264ENC).unwrap() > 0);
        assert!(of(AVDEC).unwrap() > 0);
        assert!(of("openh264enc").is_ok() && of("openh264dec").is_ok());
    }

    #[test]
    fn what_is_not_there_says_so() {
        let reason = format!("{:#}", of("vah264enc").unwrap_err());
        assert!(reason.contains("no such element"), "{reason}");
    }

    #[test]
    fn another_picture_is_told_from_the_one_that_went_in() {
        assert_eq!(difference(&picture(3), &picture(3)), 0);
        assert!(difference(&picture(3), &picture(13)) > NEAR);
        assert_eq!(difference(&[], &picture(3)), 255);
    }
}
