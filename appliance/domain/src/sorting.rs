/// What lists are sorted by: the text without regard to case and to the accents of French.
#[must_use]
pub fn sort_key(text: &str) -> String {
    text.to_lowercase().chars().fold(String::with_capacity(text.len()), |mut key, c| {
        match c {
            'à' | 'â' | 'ä' | 'á' => key.push('a'),
            'ç' => key.push('c'),
            'é' | 'è' | 'ê' | 'ë' => key.push('e'),
            'î' | 'ï' | 'í' => key.push('i'),
            'ñ' => key.push('n'),
            'ô' | 'ö' | 'ó' => key.push('o'),
            'ù' | 'û' | 'ü' | 'ú' => key.push('u'),
            'ÿ' => key.push('y'),
            'æ' => key.push_str("ae"),
            'œ' => key.push_str("oe"),
            other => key.push(other),
        }
        key
    })
}
