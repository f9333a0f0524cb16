// What the layouts of machines and of trees share: curves, and the walk that finds layers.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>

#include "motif/graph_layout.h"

namespace ribostep::motif {

// Distances in units of the drawing, about a pixel each.
inline constexpr float kRowGap = 22, kGap = 36;

inline std::size_t at(int i) { return static_cast<std::size_t>(i); }

struct Point {
  float x = 0, y = 0;
};

inline void curve_to(GraphEdge& edge, Point a, Point b, Point to) {
  edge.points.insert(edge.points.end(), {a.x, a.y, b.x, b.y, to.x, to.y});
}
inline Point last(const GraphEdge& edge) { return {edge.points.end()[-2], edge.points.end()[-1]}; }
// With level ends: an S, or a straight line where both are as high.
inline void swing_to(GraphEdge& edge, Point to, float bow = 0) {
  const Point from = last(edge);
  const float middle = (from.x + to.x) / 2;
  curve_to(edge, {middle, from.y + bow}, {middle, to.y + bow}, to);
}
inline Point bezier(const float* p, float t) {
  const float s = 1 - t, a = s * s * s, b = 3 * s * s * t, c = 3 * s * t * t, d = t * t * t;
  return {a * p[0] + b * p[2] + c * p[4] + d * p[6], a * p[1] + b * p[3] + c * p[5] + d * p[7]};
}
inline void point_tip(GraphEdge& edge) {
  const float* end = edge.points.data() + edge.points.size();
  const float x = end[-2] - end[-4], y = end[-1] - end[-3], length = std::sqrt(x * x + y * y);
  edge.tip_x = length > 0 ? x / length : 1;
  edge.tip_y = length > 0 ? y / length : 0;
}

// Who follows whom: breadth first from the root, then from whatever is left.
struct Walk {
  std::vector<int> order, parent;
  std::vector<std::vector<int>> children;

  Walk(Graph& graph, int root) : parent(graph.nodes.size(), -1), children(graph.nodes.size()) {
    std::vector<std::vector<int>> out(graph.nodes.size());
    for (const GraphEdge& edge : graph.edges) out[at(edge.from)].push_back(edge.to);
    std::vector<char> seen(graph.nodes.size(), 0);
    const int count = static_cast<int>(graph.nodes.size());
    for (int k = -1; k < count; ++k) {
      const int first = k < 0 ? root : k;
      if (first < 0 || first >= count || seen[at(first)]) continue;
      seen[at(first)] = 1;
      graph.nodes[at(first)].layer = 0;
      order.push_back(first);
      for (std::size_t i = order.size() - 1; i < order.size(); ++i) {
        const int from = order[i];
        for (const int to : out[at(from)]) {
          if (seen[at(to)]) continue;
          seen[at(to)] = 1;
          parent[at(to)] = from;
          children[at(from)].push_back(to);
          graph.nodes[at(to)].layer = graph.nodes[at(from)].layer + 1;
          order.push_back(to);
        }
      }
    }
  }
};

void lay_out_tree(Graph& graph, int root);  // graph_layout_tree.cpp

}  // namespace ribostep::motif
