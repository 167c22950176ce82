use std::ops::Range;

/// A page in grey.
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// 0 black, 255 white, line by line.
    grey: Vec<u8>,
}

impl Picture {
    /// From a PGM file (netpbm, P5, 8 bits).
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let mut fields = bytes.splitn(4, u8::is_ascii_whitespace);
        let mut field = || fields.next().unwrap();
        assert_eq!(field(), b"P5");
        let number = |text: &[u8]| std::str::from_utf8(text).unwrap().parse::<usize>().unwrap();
        let (width, height, rest) = (number(field()), number(field()), field());
        let (depth, grey) = rest.split_at(rest.iter().position(u8::is_ascii_whitespace).unwrap());
        assert_eq!((depth, grey.len()), (&b"255"[..], width * height + 1));
        Self { width, height, grey: grey[1..].to_vec() }
    }

    /// Whether nothing is drawn in a part of the page, given in millimetres of an A4 sheet.
    pub(crate) fn is_white(&self, x: Range<f32>, y: Range<f32>) -> bool {
        let dots = |from: f32, to: f32, all: usize, length: f32| {
            let dot = |at: f32| ((at / length * all as f32) as usize).min(all);
            dot(from)..dot(to)
        };
        let columns = dots(x.start, x.end, self.width, 210.0);
        let mut rows = dots(y.start, y.end, self.height, 297.0);
        rows.all(|row| self.grey[row * self.width..][columns.clone()].iter().all(|dot| *dot == 255))
    }

    /// Whether the text keeps to the sheet's middle: 20 mm at the sides, 15 above and below.
    pub(crate) fn keeps_margins(&self) -> bool {
        let (all_x, all_y) = (0.0..210.0, 0.0..297.0);
        self.is_white(0.0..19.7, all_y.clone())
            && self.is_white(190.3..210.0, all_y)
            && self.is_white(all_x.clone(), 0.0..15.7)
            && self.is_white(all_x, 282.0..297.0)
    }

    /// What a telephone reads from the page.
    pub(crate) fn qr_code(&self) -> String {
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(self.width, self.height, |x, y| {
            self.grey[y * self.width + x]
        });
        let codes = picture.detect_grids();
        assert_eq!(codes.len(), 1, "one code is seen");
        codes[0].decode().unwrap().1
    }
}
