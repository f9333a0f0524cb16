// Where the nodes and edges of a small graph go; see graph_layout.h.
#include "motif/graph_layout.h"

#include <algorithm>

namespace ribostep::motif {

void lay_out(Graph& graph, int, bool down) {
  float at = 0;
  for (GraphNode& node : graph.nodes) {
    (down ? node.y : node.x) = at + (down ? node.height : node.width) / 2;
    at += (down ? node.height : node.width) + 30;
    graph.width = std::max(graph.width, node.x + node.width / 2);
    graph.height = std::max(graph.height, node.y + node.height / 2);
  }
}

}  // namespace ribostep::motif
