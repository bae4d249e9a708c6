//! The nearest valid name.

/// The candidate most like `name`, if one is like enough to be meant.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let plain = |text: &str| text.to_lowercase().replace('-', "_");
    let wanted = plain(name);
    let scored = candidates.into_iter().map(|candidate| {
        let other = plain(candidate);
        let mut score = strsim::jaro_winkler(&wanted, &other);
        // A short form of a long name: `brokers` for `number_of_broker_nodes`.
        let words = wanted.split('_').filter(|word| word.len() > 2);
        let singular = |word: &str| word.strip_suffix('s').unwrap_or(word).to_owned();
        let found = words.clone().filter(|word| other.contains(&singular(word)));
        if words.clone().count() > 0 && found.count() == words.count() {
            score = score.max(0.8);
        }
        (score, candidate)
    });
    let best = scored.max_by(|one, other| one.0.total_cmp(&other.0))?;
    (best.0 >= 0.8).then_some(best.1)
}

/// `did you mean x?`, else what there is.
pub fn suggest<'c>(
    name: &str,
    candidates: impl IntoIterator<Item = &'c str> + Clone,
    otherwise: &str,
) -> String {
    if let Some(nearest) = nearest(name, candidates.clone()) {
        return format!("did you mean `{nearest}`?");
    }
    let all: Vec<String> = candidates.into_iter().map(|c| format!("`{c}`")).collect();
    match all.len() {
        0 => format!("this file has no {otherwise}"),
        1..=12 => format!("expected {}", one_of(&all)),
        _ => format!("no {otherwise} is named alike"),
    }
}

/// `a, b or c`
fn one_of(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} or {last}", head.join(", ")),
    }
}
