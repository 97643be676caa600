//! A layered layout: ranks from left to right, few crossings, one block for each connected part.

use crate::model::application::graph::Graph;
use std::collections::BTreeSet;

/// Pixels of a node's height, and between nodes and ranks.
pub(super) const HEIGHT: f64 = 44.0;
const GAP: f64 = 18.0;
const RANK_GAP: f64 = 110.0;
const MARGIN: f64 = 24.0;
/// Pixels beside what is written along an edge, and the widest gap.
const LABEL_ROOM: f64 = 70.0;
const MOST_RANK_GAP: f64 = 300.0;
/// Parts stand side by side up to this width.
const MOST_SHELF: f64 = 1200.0;
/// Rounds of sorting by neighbours; more change nothing on real applications.
const SWEEPS: usize = 12;

/// Where a node is drawn.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
}

/// Where everything is drawn.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) places: Vec<Place>,
    /// Points an edge passes between its ends, for edges over several ranks.
    pub(super) bends: Vec<Vec<(f64, f64)>>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A slot of a rank: a node, or a point an edge passes.
#[derive(Debug, Clone, Copy)]
enum Slot {
    Node(usize),
    Bend(usize),
}

/// Lays a graph out; `width` gives the width of a node's caption, `label` that of what is written along an edge.
pub(super) fn layout(graph: &Graph, width: impl Fn(usize) -> f64, label: impl Fn(usize) -> f64) -> Layout {
    let count = graph.nodes.len();
    let mut layout = Layout {
        places: (0..count).map(|node| Place { width: width(node), ..Place::default() }).collect(),
        bends: vec![Vec::new(); graph.edges.len()],
        ..Layout::default()
    };
    let ranks = ranks(graph);
    let (parts, lone) = parts(graph);
    let sizes: Vec<(f64, f64)> = parts.iter().map(|part| block(graph, &ranks, part, &label, &mut layout)).collect();
    shelve(graph, &parts, &sizes, &mut layout);
    let bottom = if parts.is_empty() { MARGIN } else { layout.height + GAP * 2.0 };
    grid(&lone, bottom, &mut layout);
    layout.width += MARGIN;
    layout.height += MARGIN;
    layout
}

/// Puts connected parts on shelves, side by side where there is room, so that many small ones make no tower.
fn shelve(graph: &Graph, parts: &[Vec<usize>], sizes: &[(f64, f64)], layout: &mut Layout) {
    let widest = sizes.iter().map(|size| size.0).fold(MOST_SHELF, f64::max);
    let (mut left, mut top, mut bottom) = (MARGIN, MARGIN, MARGIN);
    for (part, &(width, height)) in parts.iter().zip(sizes) {
        if left > MARGIN && left + width > MARGIN + widest {
            (left, top) = (MARGIN, bottom + GAP * 2.0);
        }
        for &node in part {
            layout.places[node].x += left;
            layout.places[node].y += top;
        }
        let inside: BTreeSet<usize> = part.iter().copied().collect();
        for (edge, bends) in graph.edges.iter().zip(&mut layout.bends) {
            if inside.contains(&edge.from) {
                bends.iter_mut().for_each(|bend| *bend = (bend.0 + left, bend.1 + top));
            }
        }
        bottom = bottom.max(top + height);
        layout.width = layout.width.max(left + width);
        layout.height = layout.height.max(bottom);
        left += width + GAP * 3.0;
    }
}

/// The longest way from a start, back edges left out.
fn ranks(graph: &Graph) -> Vec<usize> {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
    let mut before = vec![0usize; graph.nodes.len()];
    for edge in graph.edges.iter().filter(|edge| edge.from != edge.to) {
        next[edge.from].push(edge.to);
        before[edge.to] += 1;
    }
    // Depth first from the starts; an edge to a node that is open leads back.
    let mut state = vec![0u8; graph.nodes.len()];
    let mut order = Vec::new();
    let mut back = std::collections::HashSet::new();
    let mut starts: Vec<usize> = (0..graph.nodes.len()).collect();
    starts.sort_by_key(|&node| (before[node], node));
    for start in starts {
        if state[start] != 0 {
            continue;
        }
        let mut stack = vec![(start, 0usize)];
        state[start] = 1;
        while let Some((node, child)) = stack.pop() {
            let Some(&to) = next[node].get(child) else {
                state[node] = 2;
                order.push(node);
                continue;
            };
            stack.push((node, child + 1));
            match state[to] {
                0 => {
                    state[to] = 1;
                    stack.push((to, 0));
                }
                1 => {
                    back.insert((node, to));
                }
                _ => {}
            }
        }
    }
    let mut rank = vec![0; graph.nodes.len()];
    for &node in order.iter().rev() {
        for &to in &next[node] {
            if !back.contains(&(node, to)) {
                rank[to] = rank[to].max(rank[node] + 1);
            }
        }
    }
    rank
}

/// Connected parts, largest first, and the nodes nothing is tied to.
fn parts(graph: &Graph) -> (Vec<Vec<usize>>, Vec<usize>) {
    let mut part: Vec<usize> = (0..graph.nodes.len()).collect();
    fn root(part: &mut [usize], mut node: usize) -> usize {
        while part[node] != node {
            part[node] = part[part[node]];
            node = part[node];
        }
        node
    }
    for edge in &graph.edges {
        let (a, b) = (root(&mut part, edge.from), root(&mut part, edge.to));
        part[a.max(b)] = a.min(b);
    }
    let mut groups: std::collections::BTreeMap<usize, Vec<usize>> = std::collections::BTreeMap::new();
    for node in 0..graph.nodes.len() {
        let root = root(&mut part, node);
        groups.entry(root).or_default().push(node);
    }
    let (lone, mut tied): (Vec<Vec<usize>>, Vec<Vec<usize>>) = groups.into_values().partition(|group| group.len() == 1);
    tied.sort_by_key(|group| std::cmp::Reverse(group.len()));
    (tied, lone.into_iter().flatten().collect())
}

/// One connected part by itself; gives its width and height.
fn block(
    graph: &Graph,
    ranks: &[usize],
    part: &[usize],
    label: &impl Fn(usize) -> f64,
    layout: &mut Layout,
) -> (f64, f64) {
    let first = part.iter().map(|&node| ranks[node]).min().unwrap_or(0);
    let depth = part.iter().map(|&node| ranks[node] - first).max().unwrap_or(0) + 1;
    let mut columns: Vec<Vec<Slot>> = vec![Vec::new(); depth];
    let mut slot_of_node = std::collections::HashMap::new();
    let mut slots = 0usize;
    let mut links: Vec<(usize, usize)> = Vec::new();
    let mut rank_of: Vec<usize> = Vec::new();
    for &node in part {
        columns[ranks[node] - first].push(Slot::Node(slots));
        slot_of_node.insert(node, slots);
        rank_of.push(ranks[node] - first);
        slots += 1;
    }
    let mut bends: Vec<(usize, Vec<usize>)> = Vec::new();
    for (index, edge) in graph.edges.iter().enumerate() {
        let (Some(&from), Some(&to)) = (slot_of_node.get(&edge.from), slot_of_node.get(&edge.to)) else { continue };
        let (low, high) = if rank_of[from] <= rank_of[to] { (from, to) } else { (to, from) };
        let mut last = low;
        let mut chain = Vec::new();
        let between = rank_of[low] + 1..rank_of[high].max(rank_of[low] + 1);
        for (column, slots_of) in columns.iter_mut().enumerate().take(between.end).skip(between.start) {
            slots_of.push(Slot::Bend(slots));
            rank_of.push(column);
            links.push((last, slots));
            chain.push(slots);
            last = slots;
            slots += 1;
        }
        links.push((last, high));
        if from != low {
            chain.reverse();
        }
        bends.push((index, chain));
    }
    let mut neighbours: Vec<Vec<usize>> = vec![Vec::new(); slots];
    for (a, b) in links {
        neighbours[a].push(b);
        neighbours[b].push(a);
    }
    let mut y = order(&mut columns, &neighbours, slots);
    // Columns are as wide as their widest node, and as far apart as what is written between them.
    let mut gaps = vec![RANK_GAP; depth];
    for (index, edge) in graph.edges.iter().enumerate() {
        let (Some(&from), Some(&to)) = (slot_of_node.get(&edge.from), slot_of_node.get(&edge.to)) else { continue };
        let before = rank_of[from].min(rank_of[to]);
        gaps[before] = gaps[before].max((label(index) + LABEL_ROOM).min(MOST_RANK_GAP));
    }
    let mut x = 0.0;
    let mut left = Vec::new();
    let mut widths = Vec::new();
    for (column, gap) in gaps.into_iter().enumerate() {
        let widest = part
            .iter()
            .filter(|&&node| ranks[node] - first == column)
            .map(|&node| layout.places[node].width)
            .fold(0.0, f64::max);
        left.push(x);
        widths.push(widest);
        x += widest + gap;
    }
    let highest = y.iter().copied().fold(f64::INFINITY, f64::min);
    y.iter_mut().for_each(|at| *at -= highest);
    let (mut right, mut bottom) = (0.0, 0.0);
    for &node in part {
        let slot = slot_of_node[&node];
        let column = ranks[node] - first;
        let place = &mut layout.places[node];
        place.x = left[column];
        place.y = y[slot];
        bottom = f64::max(bottom, place.y + HEIGHT);
        right = f64::max(right, place.x + place.width);
    }
    for (index, chain) in bends {
        layout.bends[index] = chain
            .iter()
            .map(|&slot| {
                bottom = f64::max(bottom, y[slot] + HEIGHT);
                (left[rank_of[slot]] + widths[rank_of[slot]] / 2.0, y[slot] + HEIGHT / 2.0)
            })
            .collect();
    }
    (right, bottom)
}

/// Sorts each column by where its neighbours are, then moves slots towards them without overlaps.
fn order(columns: &mut [Vec<Slot>], neighbours: &[Vec<usize>], slots: usize) -> Vec<f64> {
    let number = |slot: &Slot| match slot {
        Slot::Node(at) | Slot::Bend(at) => *at,
    };
    let size = |slot: &Slot| match slot {
        Slot::Node(_) => HEIGHT + GAP,
        Slot::Bend(_) => HEIGHT * 0.6,
    };
    let mut y = vec![0.0; slots];
    let stack = |columns: &[Vec<Slot>], y: &mut Vec<f64>| {
        for column in columns {
            let mut at = 0.0;
            for slot in column {
                y[number(slot)] = at;
                at += size(slot);
            }
        }
    };
    stack(columns, &mut y);
    let mean = |slot: usize, y: &[f64]| -> Option<f64> {
        let near = &neighbours[slot];
        (!near.is_empty()).then(|| near.iter().map(|&other| y[other]).sum::<f64>() / near.len() as f64)
    };
    for sweep in 0..SWEEPS {
        let sequence: Vec<usize> =
            if sweep % 2 == 0 { (0..columns.len()).collect() } else { (0..columns.len()).rev().collect() };
        for column in sequence {
            let wanted: std::collections::HashMap<usize, f64> = columns[column]
                .iter()
                .map(|slot| (number(slot), mean(number(slot), &y).unwrap_or(y[number(slot)])))
                .collect();
            columns[column].sort_by(|a, b| wanted[&number(a)].total_cmp(&wanted[&number(b)]));
            // Downwards without overlap, then back up where there is room.
            let mut low = f64::NEG_INFINITY;
            for slot in &columns[column] {
                let at = wanted[&number(slot)].max(low);
                y[number(slot)] = at;
                low = at + size(slot);
            }
            let mut high = f64::INFINITY;
            for slot in columns[column].iter().rev() {
                let at =
                    y[number(slot)].min(high - size(slot)).max(wanted[&number(slot)].min(y[number(slot)]) - size(slot));
                y[number(slot)] = at.min(y[number(slot)]);
                high = y[number(slot)];
            }
            let mut low = f64::NEG_INFINITY;
            for slot in &columns[column] {
                y[number(slot)] = y[number(slot)].max(low);
                low = y[number(slot)] + size(slot);
            }
        }
    }
    y
}

/// Nodes nothing is tied to, in rows under the rest.
fn grid(lone: &[usize], top: f64, layout: &mut Layout) {
    let widest = lone.iter().map(|&node| layout.places[node].width).fold(0.0, f64::max);
    let columns = ((layout.width.max(700.0) / (widest + GAP)) as usize).max(1);
    for (at, &node) in lone.iter().enumerate() {
        let place = &mut layout.places[node];
        place.x = MARGIN + (at % columns) as f64 * (widest + GAP);
        place.y = top + (at / columns) as f64 * (HEIGHT + GAP);
        layout.width = layout.width.max(place.x + place.width);
        layout.height = layout.height.max(place.y + HEIGHT);
    }
}
