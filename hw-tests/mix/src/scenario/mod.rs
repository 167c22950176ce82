pub(crate) mod cost;
pub(crate) mod disturbances;
pub(crate) mod path;
pub(crate) mod shared;

use crate::clip::Clip;
use anyhow::Result;
use std::{sync::Arc, time::Duration};

/// What browsers send as 720p.
const LARGE: (u32, u32) = (1_280, 720);
/// The size below.
const SMALL: (u32, u32) = (640, 360);
/// Until pictures come as they will go on: key frames are sent once more a second after something began.
const SETTLING: Duration = Duration::from_millis(2_500);

/// 720p as browsers send it.
fn camera() -> Result<Arc<Clip>> {
    Ok(Arc::new(Clip::encode(LARGE, 0, 2_500)?))
}
