/// A finished paper.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paper {
    /// The PDF file (ISO 32000-1).
    pub bytes: Vec<u8>,
    /// Characters of the data that the paper's font lacks, in order. Each one stands as «�» in the paper, which says
    /// so; whoever files it should know.
    pub unwritable: Vec<char>,
}
