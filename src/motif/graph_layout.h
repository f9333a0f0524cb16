// Where the nodes and edges of a small graph go: layers from left to right (Sugiyama, Tagawa & Toda 1981),
// crossings reduced by medians, edges as curves, room for what is written on them. No drawing here.
#pragma once
#include <string>
#include <vector>

namespace ribostep::motif {

// A circle, or one that is drawn out sideways (in a tree: a box); edges begin and end at its border.
struct GraphNode {
  float width = 0, height = 0;  // given
  float x = 0, y = 0;           // centre, found
  int layer = 0;                // found
};
struct GraphEdge {
  int from = 0, to = 0;  // given
  float label_width = 0, label_height = 0;
  std::vector<float> points = {};  // found: x0 y0 x1 y1 ... of cubic Bezier curves: 1 + 3 n points
  float label_x = 0, label_y = 0;  // centre
  float tip_x = 0, tip_y = 0;      // direction of the arrow at its end, of length 1
};
struct Graph {
  std::vector<GraphNode> nodes;
  std::vector<GraphEdge> edges;
  float width = 0, height = 0;  // found: everything lies within, from 0
};
inline constexpr int kMaxDrawnNodes = 200;  // more are told as text
// `root`: in the first layer. `down`: layers from top to bottom (a syntax tree). The same graph always gets
// the same layout.
void lay_out(Graph& graph, int root, bool down = false);

}  // namespace ribostep::motif
