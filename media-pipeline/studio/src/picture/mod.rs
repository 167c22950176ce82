//! The room's pictures: what a leg's screen shows, drawn into I420 frames (BT.709, limited range).

mod canvas;
mod compose;
mod frame_box;
mod key_frames;
mod layout;
mod mark;
mod motion;
mod notice;
mod scene;
mod stage;
mod text;

pub use canvas::{Canvas, Colour};
pub use compose::{Composer, Tile};
pub use frame_box::FrameBox;
pub use key_frames::KeyFrames;
pub use layout::{Rect, fit, grid, strip};
pub use motion::Motion;
pub use notice::draw_notice;
pub use scene::{Audience, Layout, Programme, Scene, Shown};
pub use stage::{Participant, Stage};
pub use text::{FontError, Fonts, Mask, Weight};
