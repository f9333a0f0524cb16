// A syntax tree, downwards: children side by side, parents over their middle (Wetherell & Shannon 1979).
#include "motif/graph_layout_parts.h"

namespace ribostep::motif {
namespace {

class Tree {
 public:
  Tree(Graph& graph, int root) : g_(graph), walk_(graph, root) {
    for (const GraphNode& node : g_.nodes) {
      free_.resize(std::max(free_.size(), at(node.layer) + 1), 0);
      level_.resize(free_.size(), 0);
      level_[at(node.layer)] = std::max(level_[at(node.layer)], node.height);
    }
    for (const int v : walk_.order)
      if (walk_.parent[at(v)] < 0) place(v);
    std::vector<float> top(level_.size() + 1, 0);
    for (std::size_t l = 0; l < level_.size(); ++l) top[l + 1] = top[l] + level_[l] + kGap * 0.8f;
    for (GraphNode& node : g_.nodes) node.y = top[at(node.layer)] + level_[at(node.layer)] / 2;
    for (GraphEdge& edge : g_.edges) {
      const GraphNode &a = g_.nodes[at(edge.from)], &b = g_.nodes[at(edge.to)];
      const float y0 = a.y + a.height / 2, y1 = b.y - b.height / 2, middle = (y0 + y1) / 2;
      edge.points = {a.x, y0};
      curve_to(edge, {a.x, middle}, {b.x, middle}, {b.x, y1});
      edge.label_x = (a.x + b.x) / 2;
      edge.label_y = middle;
      point_tip(edge);
    }
  }

 private:
  void shift(int v, float by) {
    GraphNode& node = g_.nodes[at(v)];
    node.x += by;
    free_[at(node.layer)] = std::max(free_[at(node.layer)], node.x + node.width / 2 + kRowGap);
    for (const int child : walk_.children[at(v)]) shift(child, by);
  }
  // Children first; over their middle unless something stands there, else they all move to the right.
  void place(int v) {
    GraphNode& node = g_.nodes[at(v)];
    const std::vector<int>& children = walk_.children[at(v)];
    for (const int child : children) place(child);
    const float leftmost = free_[at(node.layer)] + node.width / 2;
    const float wanted = children.empty()
                             ? leftmost
                             : (g_.nodes[at(children.front())].x + g_.nodes[at(children.back())].x) / 2;
    node.x = wanted;
    shift(v, std::max(0.0f, leftmost - wanted));
  }

  Graph& g_;
  Walk walk_;
  std::vector<float> free_, level_;  // by layer: where there is room, and how high it is
};

}  // namespace

void lay_out_tree(Graph& graph, int root) { Tree(graph, root); }

}  // namespace ribostep::motif
