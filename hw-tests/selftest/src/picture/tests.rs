use super::*;

/// A picture of any size, grey, on which coded pictures are laid.
struct Canvas {
    width: usize,
    height: usize,
    planes: [Vec<u8>; 3],
}

impl Canvas {
    fn new(width: usize, height: usize) -> Self {
        let quarter = vec![128; width / 2 * (height / 2)];
        Self { width, height, planes: [vec![60; width * height], quarter.clone(), quarter] }
    }

    /// Lays a coded picture at a place, scaled to a width, each pixel the mean of what it covers.
    fn lay(&mut self, code: Code, left: usize, top: usize, width: usize) {
        let picture = paint(code, 1);
        let (luma, chroma) = picture.split_at(WIDTH * HEIGHT);
        let (u, v) = chroma.split_at(chroma.len() / 2);
        for (plane, source) in [luma, u, v].into_iter().enumerate() {
            let half = if plane == 0 { 1 } else { 2 };
            let (w, h) = (width / half, width * HEIGHT / WIDTH / half);
            let (sw, sh) = (WIDTH / half, HEIGHT / half);
            for y in 0..h {
                for x in 0..w {
                    let (x0, x1) = (x * sw / w, ((x + 1) * sw / w).max(x * sw / w + 1));
                    let (y0, y1) = (y * sh / h, ((y + 1) * sh / h).max(y * sh / h + 1));
                    let sum: usize = (y0..y1)
                        .flat_map(|sy| source[sy * sw + x0..sy * sw + x1].iter())
                        .map(|v| usize::from(*v))
                        .sum();
                    let mean = u8::try_from(sum / ((x1 - x0) * (y1 - y0))).unwrap();
                    self.planes[plane][(top / half + y) * (self.width / half) + left / half + x] = mean;
                }
            }
        }
    }

    /// Adds noise of up to `amount` either way, the same each time.
    fn noise(&mut self, amount: i32) {
        let mut state = 0x2545_f491_u32;
        for value in self.planes.iter_mut().flatten() {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            let offset = i32::try_from(state % 1_000).unwrap() * (2 * amount + 1) / 1_000 - amount;
            *value = u8::try_from((i32::from(*value) + offset).clamp(0, 255)).unwrap();
        }
    }

    fn codes(&self) -> Vec<Code> {
        let [y, u, v] = &self.planes;
        let strides = [self.width, self.width / 2, self.width / 2];
        find(&Frame { width: self.width, height: self.height, planes: [y, u, v], strides })
    }
}

const ALICE: Code = Code { sender: 1, counter: 200 };
const BOB: Code = Code { sender: 2, counter: 7 };

#[test]
fn every_code_is_read_as_it_was_painted() {
    for (sender, counter) in (0..16).zip([0, 1, 85, 170, 255].into_iter().cycle()) {
        let mut canvas = Canvas::new(WIDTH, HEIGHT);
        canvas.lay(Code { sender, counter }, 0, 0, WIDTH);
        assert_eq!(canvas.codes(), [Code { sender, counter }]);
    }
}

#[test]
fn a_picture_of_half_the_size_is_read_as_well() {
    let picture = paint(ALICE, 2);
    let (width, height) = (WIDTH / 2, HEIGHT / 2);
    let (y, chroma) = picture.split_at(width * height);
    let (u, v) = chroma.split_at(chroma.len() / 2);
    let frame = Frame { width, height, planes: [y, u, v], strides: [width, width / 2, width / 2] };
    assert_eq!(find(&frame), [ALICE]);
}

#[test]
fn two_pictures_in_a_mix_are_told_apart_at_each_size() {
    for width in [1280, 640, 638, 424, 320, 240] {
        let mut canvas = Canvas::new(2 * width + 4, 720);
        canvas.lay(ALICE, 0, 0, width);
        canvas.lay(BOB, width + 4, 0, width);
        assert_eq!(canvas.codes(), [ALICE, BOB], "{width} pixels wide");
    }
}

#[test]
fn noise_does_not_hide_a_code() {
    let mut canvas = Canvas::new(1280, 720);
    canvas.lay(BOB, 322, 180, 320);
    canvas.noise(24);
    assert_eq!(canvas.codes(), [BOB]);
}

#[test]
fn where_there_is_no_code_none_is_found() {
    let mut canvas = Canvas::new(1280, 720);
    assert_eq!(canvas.codes(), []);
    canvas.noise(120);
    assert_eq!(canvas.codes(), []);
}

#[test]
fn a_destroyed_bar_is_no_code() {
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    canvas.lay(ALICE, 0, 0, WIDTH);
    // A cell in the middle turned over, as a lost slice leaves it.
    for y in 0..HEIGHT {
        for value in &mut canvas.planes[0][y * WIDTH + 300..y * WIDTH + 320] {
            *value = 251 - *value;
        }
    }
    assert_eq!(canvas.codes(), []);
}

#[test]
fn a_picture_cut_off_is_survived() {
    let empty = Frame { width: 2, height: 2, planes: [&[0; 4], &[0; 1], &[0; 1]], strides: [2, 1, 1] };
    assert_eq!(find(&empty), []);
}
