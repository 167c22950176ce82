use super::*;
use crate::{picture::Scene, trial::raw_caps};

const TASK: crate::arguments::Task =
    crate::arguments::Task { width: 160, height: 96, rate: 25, seconds: 2, bitrate: 100, max_sessions: 1 };

fn pump(element: gst::Element, to: &str) -> Pump {
    Pump::start(&raw_caps(&TASK), &[element], to, TASK.rate).unwrap()
}

fn make(name: &str) -> gst::Element {
    gst::init().unwrap();
    gst::ElementFactory::make(name).build().unwrap()
}

fn picture(index: u64) -> gst::Buffer {
    Scene::new(TASK.width, TASK.height).draw(index).to_buffer().unwrap()
}

#[test]
fn what_comes_at_once_is_not_held_back() {
    let mut pump = pump(make("identity"), "video/x-raw");
    for index in 0..10 {
        let outputs = pump.step(index, picture(index)).unwrap();
        let came: Vec<(u64, u64)> = outputs.iter().map(|output| (output.index, output.held)).collect();
        assert_eq!(came, [(index, 0)]);
    }
    assert!(pump.finish().unwrap().is_empty());
}

#[test]
fn what_an_encoder_holds_back_is_counted() {
    let x264 = make("x264enc");
    // Without its low-latency tuning, one thread and no look-ahead: what is left is the reordering.
    for (name, value) in [("bframes", "2"), ("rc-lookahead", "0"), ("threads", "1"), ("b-adapt", "false")] {
        x264.set_property_from_str(name, value);
    }
    let mut pump = pump(x264, "video/x-h264,profile=main");
    pump.patience = Duration::from_millis(20);
    let mut outputs = vec![];
    for index in 0..20 {
        outputs.extend(pump.step(index, picture(index)).unwrap());
    }
    let late = outputs.iter().filter(|output| output.held > 1).count();
    assert!(late * 2 >= outputs.len(), "two of three pictures are between others");
    outputs.extend(pump.finish().unwrap());
    assert_eq!(outputs.len(), 20, "and nothing is lost");
}

#[test]
fn an_element_that_holds_back_its_beginning_only_is_seen_to() {
    let queue = make("queue");
    queue.set_property("min-threshold-buffers", 2_u32);
    let mut pump = pump(queue.clone(), "video/x-raw");
    for index in 0..10 {
        pump.step(index, picture(index)).unwrap();
    }
    assert_eq!(pump.held, Some(1));
    queue.set_property("min-threshold-buffers", 0_u32);
    for index in 10..40 {
        let came = pump.step(index, picture(index)).unwrap();
        let came: Vec<(u64, u64)> = came.iter().map(|output| (output.index, output.held)).collect();
        assert!(index <= 25 || came == [(index, 0)], "{index}: {came:?}");
    }
}

#[test]
fn an_element_that_fails_says_why() {
    let identity = make("identity");
    identity.set_property("error-after", 3);
    let mut pump = pump(identity, "video/x-raw");
    let failed = (0..5).find_map(|index| pump.step(index, picture(index)).err()).unwrap();
    assert!(failed.to_string().starts_with("identity"), "{failed}");
}

#[test]
fn elements_that_do_not_go_together_say_so() {
    let x264 = make("x264enc");
    tabellion_h264::encoder(&x264, tabellion_h264::Family::X264, TASK.bitrate, 1_024);
    let mut pump = pump(x264, "video/x-h264,width=1");
    let failed = (0..9).find_map(|index| pump.step(index, picture(index)).err()).unwrap();
    assert!(failed.to_string().contains("not-negotiated"), "{failed}");
}
