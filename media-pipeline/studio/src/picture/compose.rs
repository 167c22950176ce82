use super::{Canvas, Colour, Fonts, Mask, Rect, Weight, fit, mark};
use gstreamer as gst;
use gstreamer_video as gst_video;
use gstreamer_video::VideoFrameExt;
use std::{collections::HashMap, sync::Arc};

/// Masks kept before all are forgotten: names change rarely.
const MASKS: usize = 64;
/// How much of the picture stays to be seen below a name, of 255.
const SHADE: u8 = 96;

/// One tile of a mix.
#[derive(Clone, Debug)]
pub struct Tile {
    /// Whose.
    pub name: Arc<str>,
    /// The picture; without it the tile shows the name.
    pub picture: Option<gst::Sample>,
    /// Whether a mark beside the name says that its sound is switched off.
    pub muted: bool,
}

/// From one format and size into one part of the picture.
#[derive(Debug)]
struct Scaler {
    from: gst_video::VideoInfo,
    part: Rect,
    converter: gst_video::VideoConverter,
}

/// Composes pictures of one size. The scaler is the one that GStreamer's own compositor uses; it is called
/// directly because a composition out of boxes needs neither pads nor a latency to wait for slow ones.
#[derive(Debug)]
pub struct Composer {
    info: gst_video::VideoInfo,
    fonts: Arc<Fonts>,
    /// One a tile, for what the tile showed last.
    scalers: Vec<Option<Scaler>>,
    masks: HashMap<(Arc<str>, bool, usize, usize), Arc<Mask>>,
}

impl Composer {
    /// For pictures of this size: I420, BT.709.
    ///
    /// # Errors
    /// Where the size is no picture's (zero).
    pub fn new(width: u32, height: u32, fonts: Arc<Fonts>) -> Result<Self, gst::glib::BoolError> {
        let info = still(gst_video::VideoFormat::I420, width, height, "bt709".parse()?)?;
        Ok(Self { info, fonts, scalers: Vec::new(), masks: HashMap::new() })
    }

    /// The size and format of what is composed.
    #[must_use]
    pub fn info(&self) -> &gst_video::VideoInfo {
        &self.info
    }

    /// Draws on a buffer of [`Self::info`].
    ///
    /// # Errors
    /// Where the buffer is not writable or of another size.
    pub fn draw(
        &self,
        buffer: &mut gst::BufferRef,
        draw: impl FnOnce(&mut Canvas<'_>, &Fonts),
    ) -> Result<(), gst::glib::BoolError> {
        let mut frame = gst_video::VideoFrameRef::from_buffer_ref_writable(buffer, &self.info)?;
        on(&mut frame, |canvas| draw(canvas, &self.fonts));
        Ok(())
    }

    /// Draws tiles at their places on a buffer of [`Self::info`].
    ///
    /// # Errors
    /// Where the buffer is not writable or of another size. A tile whose picture cannot be read shows its name.
    pub fn mix(
        &mut self,
        buffer: &mut gst::BufferRef,
        tiles: &[Tile],
        places: &[Rect],
    ) -> Result<(), gst::glib::BoolError> {
        let info = self.info.clone();
        let mut frame = gst_video::VideoFrameRef::from_buffer_ref_writable(buffer, &info)?;
        on(&mut frame, |canvas| canvas.clear(Colour::BLACK));
        for (i, (tile, place)) in tiles.iter().zip(places).enumerate() {
            let shown = tile.picture.as_ref().and_then(|sample| self.picture(&mut frame, i, sample, *place));
            match shown {
                Some(part) => self.label(&mut frame, tile, part),
                None => self.name_tile(&mut frame, tile, *place),
            }
        }
        Ok(())
    }

    /// Scales a picture into its cell; gives the part that it covers.
    fn picture(
        &mut self,
        frame: &mut gst_video::VideoFrameRef<&mut gst::BufferRef>,
        tile: usize,
        sample: &gst::Sample,
        cell: Rect,
    ) -> Option<Rect> {
        let info = gst_video::VideoInfo::from_caps(sample.caps()?).ok()?;
        // Sources are decoded into our own colours. The scaler must not convert them again: its general path (seen
        // in 1.26.2) writes beyond the part that it is given.
        let info = still(info.format(), info.width(), info.height(), self.info.colorimetry()).ok()?;
        let source = gst_video::VideoFrameRef::from_buffer_ref_readable(sample.buffer()?, &info).ok()?;
        let part = fit(cell, info.width() as usize, info.height() as usize);
        if self.scalers.len() <= tile {
            self.scalers.resize_with(tile + 1, || None);
        }
        let slot = &mut self.scalers[tile];
        let scaler = match slot {
            Some(scaler) if scaler.from == info && scaler.part == part => scaler,
            other => {
                other.insert(Scaler { converter: converter(&info, &self.info, part).ok()?, from: info, part })
            }
        };
        scaler.converter.frame_ref(&source, frame);
        Some(part)
    }

    /// The name at the lower left of a picture.
    fn label(&mut self, frame: &mut gst_video::VideoFrameRef<&mut gst::BufferRef>, tile: &Tile, part: Rect) {
        let size = (part.height / 20).clamp(12, 26);
        let pad = (size / 3) & !1;
        if part.width <= 8 * size || part.height <= 4 * size {
            return;
        }
        let mask = self.mask(tile, part.width - 6 * pad, size);
        let bar = Rect {
            x: part.x + pad,
            y: (part.y + part.height - mask.height - 3 * pad) & !1,
            width: (mask.width + 2 * pad) & !1,
            height: (mask.height + 2 * pad) & !1,
        };
        on(frame, |canvas| {
            canvas.shade(bar, SHADE);
            canvas.ink(&mask, bar.x + pad, bar.y + pad, Colour::WHITE);
        });
    }

    /// A quiet tile with the name in its middle.
    fn name_tile(
        &mut self,
        frame: &mut gst_video::VideoFrameRef<&mut gst::BufferRef>,
        tile: &Tile,
        cell: Rect,
    ) {
        let part = fit(cell, 16, 9);
        let (width, size) = (part.width * 9 / 10, (part.height / 11).clamp(14, 54));
        // A long name is written smaller before it is cut.
        let whole = [size, size * 4 / 5, size * 3 / 5]
            .into_iter()
            .find(|size| self.fonts.width(Weight::Regular, length(*size), &tile.name) <= length(width));
        let mask = self.mask(tile, width, whole.unwrap_or(size * 3 / 5));
        on(frame, |canvas| {
            canvas.fill(part, Colour::rgb(44, 48, 56));
            let x = part.x + ((part.width.saturating_sub(mask.width) / 2) & !1);
            let y = part.y + ((part.height.saturating_sub(mask.height) / 2) & !1);
            canvas.ink(&mask, x, y, Colour::rgb(222, 226, 233));
        });
    }

    /// A tile's name, behind the mark where its sound is switched off.
    fn mask(&mut self, tile: &Tile, width: usize, size: usize) -> Arc<Mask> {
        let key = (Arc::clone(&tile.name), tile.muted, width, size);
        if let Some(mask) = self.masks.get(&key) {
            return Arc::clone(mask);
        }
        if self.masks.len() >= MASKS {
            self.masks.clear();
        }
        let mark = tile.muted.then(|| mark::muted(size));
        let left = width.saturating_sub(mark.as_ref().map_or(0, |mark| mark.width + size / 3));
        let text = self.fonts.shortened(Weight::Regular, length(size), &tile.name, length(left));
        let name = self.fonts.line(Weight::Regular, length(size), &text);
        let mask = Arc::new(match mark {
            Some(mark) => mark.beside(&name, size / 3),
            None => name,
        });
        self.masks.insert(key, Arc::clone(&mask));
        mask
    }
}

#[expect(clippy::cast_precision_loss, reason = "a picture's sizes")]
fn length(pixels: usize) -> f32 {
    pixels as f32
}

/// A format without a frame rate: scalers want both sides' to be the same, and it does not matter here.
fn still(
    format: gst_video::VideoFormat,
    width: u32,
    height: u32,
    colorimetry: gst_video::VideoColorimetry,
) -> Result<gst_video::VideoInfo, gst::glib::BoolError> {
    gst_video::VideoInfo::builder(format, width, height).colorimetry(&colorimetry).build()
}

fn converter(
    from: &gst_video::VideoInfo,
    to: &gst_video::VideoInfo,
    part: Rect,
) -> Result<gst_video::VideoConverter, gst::glib::BoolError> {
    let [x, y, width, height] =
        [part.x, part.y, part.width, part.height].map(|v| i32::try_from(v).unwrap_or(i32::MAX));
    let mut config = gst_video::VideoConverterConfig::new();
    config.set_dest_x(x);
    config.set_dest_y(y);
    config.set_dest_width(Some(width));
    config.set_dest_height(Some(height));
    config.set_fill_border(false);
    config.set_resampler_method(gst_video::VideoResamplerMethod::Linear);
    gst_video::VideoConverter::new(from, to, Some(config))
}

fn on(frame: &mut gst_video::VideoFrameRef<&mut gst::BufferRef>, draw: impl FnOnce(&mut Canvas<'_>)) {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let mut strides = [0; 3];
    for (stride, of) in strides.iter_mut().zip(frame.plane_stride()) {
        *stride = usize::try_from(*of).expect("we allocate with positive strides only");
    }
    let [y, u, v, _] = frame.planes_data_mut();
    draw(&mut Canvas { width, height, planes: [y, u, v], strides });
}

#[cfg(test)]
mod tests {
    use super::{
        super::{grid, strip},
        *,
    };

    fn sample(width: u32, height: u32, colour: Colour) -> gst::Sample {
        let composer = Composer::new(width, height, Arc::new(Fonts::load().unwrap())).unwrap();
        let mut buffer = gst::Buffer::with_size(composer.info().size()).unwrap();
        composer.draw(buffer.get_mut().unwrap(), |canvas, _| canvas.clear(colour)).unwrap();
        gst::Sample::builder().buffer(&buffer).caps(&composer.info().to_caps().unwrap()).build()
    }

    /// Y, U and V at places of a mix of these tiles.
    fn mixed<const N: usize>(tiles: &[Tile], cells: &[Rect], places: [(usize, usize); N]) -> [[u8; 3]; N] {
        let mut composer = Composer::new(1280, 720, Arc::new(Fonts::load().unwrap())).unwrap();
        let mut buffer = gst::Buffer::with_size(composer.info().size()).unwrap();
        composer.mix(buffer.get_mut().unwrap(), tiles, cells).unwrap();
        let mut values = [[0; 3]; N];
        let mut frame =
            gst_video::VideoFrameRef::from_buffer_ref_writable(buffer.get_mut().unwrap(), &composer.info)
                .unwrap();
        on(&mut frame, |canvas| {
            for (value, (x, y)) in values.iter_mut().zip(places) {
                let at =
                    |plane: usize, x: usize, y: usize| canvas.planes[plane][y * canvas.strides[plane] + x];
                *value = [at(0, x, y), at(1, x / 2, y / 2), at(2, x / 2, y / 2)];
            }
        });
        values
    }

    fn tile(picture: Option<gst::Sample>) -> Tile {
        Tile { name: "Maître Œuvré".into(), picture, muted: false }
    }

    #[test]
    fn what_is_large_has_people_beside_it() {
        gst::init().unwrap();
        let (red, green) = (Colour::rgb(255, 0, 0), Colour::rgb(0, 255, 0));
        let tiles = [tile(Some(sample(1280, 720, red))), tile(Some(sample(320, 180, green))), tile(None)];
        let places = [(20, 360), (1000, 360), (1160, 290), (1160, 400)];
        let [left, right, person, name] = mixed(&tiles, &strip(3, 1280, 720), places);
        assert_eq!((left, right), ([63, 102, 240], [63, 102, 240]));
        assert_eq!(person, [173, 42, 26]);
        assert!(name[0] > 40 && name[0] < 70, "{name:?}");
    }

    #[test]
    fn each_picture_lies_in_its_tile_and_leaves_the_others_alone() {
        gst::init().unwrap();
        let (red, green) = (Colour::rgb(255, 0, 0), Colour::rgb(0, 255, 0));
        let tiles = [tile(Some(sample(640, 360, red))), tile(Some(sample(320, 240, green))), tile(None)];
        let [first, second, gap, name] =
            mixed(&tiles, &grid(3, 1280, 720), [(300, 150), (960, 150), (638, 150), (500, 400)]);
        assert_eq!(first, [63, 102, 240]);
        assert_eq!(second, [173, 42, 26]);
        assert_eq!(gap, [16, 128, 128]);
        assert!(name[0] > 40 && name[0] < 70, "{name:?}");
    }

    #[test]
    fn names_are_written_over_pictures() {
        gst::init().unwrap();
        let places: [_; 400] = std::array::from_fn(|i| (i, 691));
        let tiles = [tile(Some(sample(1280, 720, Colour::rgb(90, 90, 90))))];
        let lumas = mixed(&tiles, &grid(1, 1280, 720), places).map(|value| value[0]);
        assert!(lumas.iter().any(|y| *y > 200), "ink");
        assert!(lumas.iter().any(|y| *y < 60), "the ground below it");
        assert!(lumas.iter().any(|y| (80..110).contains(y)), "the picture beside it");
    }
    #[test]
    fn who_is_muted_has_a_mark_before_the_name() {
        gst::init().unwrap();
        let grey = Some(sample(1280, 720, Colour::rgb(90, 90, 90)));
        let ink = |muted| {
            let places: [_; 400] = std::array::from_fn(|i| (i, 691));
            let tile = Tile { name: "M".into(), picture: grey.clone(), muted };
            let lumas = mixed(&[tile], &grid(1, 1280, 720), places).map(|value| value[0]);
            lumas.iter().filter(|y| **y > 200).count()
        };
        assert!(ink(true) > ink(false));
    }
}
