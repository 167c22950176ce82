//! What is asked of an element. Each limit says why it is where it is. Those of quality fit the default task, and
//! others that leave an encoder 0.06 bits a pixel; a small picture needs more of them (320×180: 0.28).

/// Mean over all pictures, in dB. With the default task x264 and OpenH264 give 42 on our scene; what is 7 dB below
/// the fastest software wastes more than half of its bits.
pub(crate) const PSNR_MEAN: f64 = 35.0;
/// Of the worst picture, in dB: what a requested key frame or a drop of the bitrate to its half may cost for a
/// moment. Software gives 39. The neighbouring picture of the scene, a swapped plane or a grey stripe are below.
pub(crate) const PSNR_WORST: f64 = 30.0;
/// Between a decoder and the reference, worst picture, in dB. H.264's decoding is exact (§8), so that the pictures
/// should be identical; a device that rounds one sample in a hundred is still seen as right.
pub(crate) const DECODERS_AGREE: f64 = 60.0;
/// Share by which the bitrate may miss its target over some seconds. Software keeps within 6 % with the default
/// task; what is a quarter above fills a VPN's queue, and a quarter below is a picture worse than was paid for.
pub(crate) const BITRATE: f64 = 0.25;
/// Pictures from the request to the key frame. At 25 a second, 80 ms: nobody sees a picture before.
pub(crate) const KEY_FRAME: f64 = 2.0;
/// Key frames that nobody asked for. OpenH264 and some drivers of VA-API begin anew when the bitrate changes.
pub(crate) const UNASKED_KEY_FRAMES: f64 = 1.0;
/// Pictures that an element holds back while it waits for the next. A driver's queue of one is usual; two
/// are 80 ms of everybody's conversation.
pub(crate) const HELD_BACK: f64 = 1.0;
/// 95 of 100 pictures are through a device within this many frame times.
pub(crate) const LATENCY_HARDWARE: f64 = 2.0;
/// The same for software: a second at 25 pictures a second, so that it speaks of the element and not of what
/// else the machine does.
pub(crate) const LATENCY_SOFTWARE: f64 = 25.0;
/// Sessions that a device must carry side by side: a meeting's mix, and room systems at two other rates.
pub(crate) const SESSIONS: u32 = 3;
/// Seconds of processor for a second of 1280×720 at 25 pictures a second. x264's fastest preset takes 0.12 on
/// a server's core: a device that takes as much spares nothing.
pub(crate) const CPU_HARDWARE: f64 = 0.1;
