// Layers are breadth-first distances from the root, as an automaton reads: every other edge then goes one
// layer on, stays, or goes back. Edges of one layer are drawn in the gap between two columns, where there are
// no nodes; longer ones run through a free corridor, shared by all that lead to the same node. So no edge and
// no label can lie on a node. Rows by medians and isotonic regression.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "motif/graph_layout_parts.h"

namespace ribostep::motif {
namespace {

constexpr float kLane = 12, kPort = 9, kLoop = 20, kMargin = 4, kSag = 14;
constexpr float kPortReach = 0.8f;  // of half a node's height
constexpr float kLoopAside = 0.5f;  // where a loop leaves a node, of its radius
constexpr int kSweeps = 8, kRelaxations = 12;

// Moves everything to where 0 is its left and upper end.
void enclose(Graph& graph) {
  float low_x = 1e9f, low_y = 1e9f, high_x = -1e9f, high_y = -1e9f;
  const auto hold = [&](float x, float y, float w, float h) {
    low_x = std::min(low_x, x - w / 2);
    low_y = std::min(low_y, y - h / 2);
    high_x = std::max(high_x, x + w / 2);
    high_y = std::max(high_y, y + h / 2);
  };
  for (const GraphNode& node : graph.nodes) hold(node.x, node.y, node.width, node.height);
  for (const GraphEdge& edge : graph.edges) {
    hold(edge.label_x, edge.label_y, edge.label_width, edge.label_height);
    for (std::size_t i = 0; i < edge.points.size(); i += 2) hold(edge.points[i], edge.points[i + 1], 0, 0);
  }
  for (GraphNode& node : graph.nodes) node.x -= low_x, node.y -= low_y;
  for (GraphEdge& edge : graph.edges) {
    edge.label_x -= low_x;
    edge.label_y -= low_y;
    for (std::size_t i = 0; i < edge.points.size(); i += 2) {
      edge.points[i] -= low_x;
      edge.points[i + 1] -= low_y;
    }
  }
  graph.width = high_x - low_x;
  graph.height = high_y - low_y;
}

class Columns {
 public:
  Columns(Graph& graph, int root)
      : g_(graph),
        walk_(graph, root),
        place_(graph.nodes.size()),
        top_(graph.nodes.size(), 0),
        column_need_(graph.nodes.size()) {
    for (const int v : walk_.order) {
      const auto l = at(g_.nodes[at(v)].layer);
      if (columns_.size() <= l) columns_.resize(l + 1);
      columns_[l].push_back(v);
    }
    for (std::size_t v = 0; v < g_.nodes.size(); ++v) column_need_[v] = g_.nodes[v].width;
    beside_.resize(g_.nodes.size() * 2);
    for (const GraphEdge& edge : g_.edges) {
      if (edge.from == edge.to) {
        float& top = top_[at(edge.from)];
        top = std::max(top, kLoop + edge.label_height + 3);
        column_need_[at(edge.from)] = std::max(column_need_[at(edge.from)], edge.label_width);
      } else if (const int s = span(edge); std::abs(s) == 1) {
        beside_[at(edge.from) * 2 + (s > 0 ? 1 : 0)].push_back(edge.to);
        beside_[at(edge.to) * 2 + (s > 0 ? 0 : 1)].push_back(edge.from);
      }
    }
    order();
    find_rows();
    find_corridors();
    find_columns();
    find_ports();
    for (std::size_t e = 0; e < g_.edges.size(); ++e) draw(e);
    place_labels();
  }

 private:
  struct Corridor {
    int to = 0, low = 0, high = 0;  // layers it joins
    bool back = false;
    float sum = 0, y = 0;  // sum: of the rows of its sources
    int edges = 0;
    std::size_t first = 0;  // edge
  };
  struct Port {
    float far = 0;  // row of what it leads to
    std::size_t edge = 0;
    bool end = false;
  };

  GraphNode& node(int v) { return g_.nodes[at(v)]; }
  int span(const GraphEdge& edge) { return node(edge.to).layer - node(edge.from).layer; }
  bool downward(const GraphEdge& edge) { return place_[at(edge.from)] < place_[at(edge.to)]; }
  float above(int v) { return node(v).height / 2 + top_[at(v)]; }

  // ---- order within the columns

  void number() {
    for (const auto& column : columns_)
      for (std::size_t i = 0; i < column.size(); ++i) place_[at(column[i])] = static_cast<int>(i);
  }
  int crossings() {
    int count = 0;
    std::vector<std::pair<int, int>> ends;
    for (std::size_t l = 0; l + 1 < columns_.size(); ++l) {
      ends.clear();
      for (const int v : columns_[l])
        for (const int w : beside_[at(v) * 2 + 1]) ends.push_back({place_[at(v)], place_[at(w)]});
      for (std::size_t i = 0; i < ends.size(); ++i)
        for (std::size_t k = 0; k < i; ++k)
          count += (ends[i].first - ends[k].first) * (ends[i].second - ends[k].second) < 0;
    }
    return count;
  }
  void order() {
    number();
    auto best = columns_;
    int fewest = crossings();
    std::vector<float> key(g_.nodes.size());
    std::vector<int> rows;
    const int layers = static_cast<int>(columns_.size());
    for (int sweep = 0; sweep < kSweeps && fewest > 0; ++sweep) {
      const bool right = sweep % 2 == 0;
      for (int i = 1; i < layers; ++i) {
        auto& column = columns_[at(right ? i : layers - 1 - i)];
        for (const int v : column) {
          rows.clear();
          for (const int w : beside_[at(v) * 2 + (right ? 0 : 1)]) rows.push_back(place_[at(w)]);
          std::sort(rows.begin(), rows.end());
          const std::size_t n = rows.size();
          key[at(v)] = n == 0 ? static_cast<float>(place_[at(v)])
                              : static_cast<float>(rows[(n - 1) / 2] + rows[n / 2]) / 2;
        }
        std::stable_sort(column.begin(), column.end(), [&](int a, int b) { return key[at(a)] < key[at(b)]; });
        for (std::size_t k = 0; k < column.size(); ++k) place_[at(column[k])] = static_cast<int>(k);
      }
      if (const int now = crossings(); now < fewest) {
        fewest = now;
        best = columns_;
      }
    }
    columns_ = best;
    number();
  }

  // ---- rows

  // The rows nearest to those wanted that keep their distances: isotonic regression, by pooling neighbours.
  void settle(const std::vector<int>& column, const std::vector<float>& wanted,
              const std::vector<float>& weight) {
    struct Block {
      float sum, weight;
      std::size_t count;
      float mean() const { return sum / weight; }
    };
    std::vector<Block> blocks;
    float offset = 0;
    std::vector<float> offsets;
    for (std::size_t i = 0; i < column.size(); ++i) {
      if (i > 0) offset += node(column[i - 1]).height / 2 + kRowGap + above(column[i]);
      offsets.push_back(offset);
      blocks.push_back({(wanted[i] - offset) * weight[i], weight[i], 1});
      while (blocks.size() > 1 && blocks.end()[-2].mean() > blocks.back().mean()) {
        const Block last_block = blocks.back();
        blocks.pop_back();
        blocks.back().sum += last_block.sum;
        blocks.back().weight += last_block.weight;
        blocks.back().count += last_block.count;
      }
    }
    std::size_t i = 0;
    for (const Block& block : blocks)
      for (std::size_t k = 0; k < block.count; ++k, ++i) node(column[i]).y = block.mean() + offsets[i];
  }
  void find_rows() {
    // Of each node's children the one from which it goes on farthest keeps its row.
    std::vector<int> depth(g_.nodes.size(), 0), heir(g_.nodes.size(), -1);
    for (auto v = walk_.order.rbegin(); v != walk_.order.rend(); ++v)
      for (const int child : walk_.children[at(*v)])
        if (heir[at(*v)] < 0 || depth[at(child)] + 1 > depth[at(*v)]) {
          heir[at(*v)] = child;
          depth[at(*v)] = depth[at(child)] + 1;
        }
    std::vector<float> wanted, weight;
    const auto sweep = [&](int l, auto wish) {
      const auto& column = columns_[at(l)];
      wanted.clear();
      weight.clear();
      for (const int v : column) wish(v);
      settle(column, wanted, weight);
    };
    const int layers = static_cast<int>(columns_.size());
    for (int l = 0; l < layers; ++l) sweep(l, [&](int) { wanted.push_back(0), weight.push_back(1); });
    for (int i = 0; i < kRelaxations; ++i)
      for (int k = 0; k < layers; ++k)
        sweep(i % 2 == 0 ? k : layers - 1 - k, [&](int v) {
          float sum = 0, all = 0;
          for (std::size_t side = 0; side < 2; ++side)
            for (const int w : beside_[at(v) * 2 + side]) {
              const float share = w == heir[at(v)] || heir[at(w)] == v ? 4.0f : 1.0f;
              sum += share * node(w).y;
              all += share;
            }
          wanted.push_back(all > 0 ? sum / all : node(v).y);
          weight.push_back(std::max(all, 0.5f));
        });
    for (int l = 1; l < layers; ++l)
      sweep(l, [&](int v) {
        const int from = walk_.parent[at(v)];
        const bool straight = from >= 0 && heir[at(from)] == v;
        wanted.push_back(straight ? node(from).y : node(v).y);
        weight.push_back(straight ? 1000.0f : 1.0f);
      });
  }

  // ---- corridors for edges over more than a layer

  void find_corridors() {
    corridor_.assign(g_.edges.size(), -1);
    for (std::size_t e = 0; e < g_.edges.size(); ++e) {
      const GraphEdge& edge = g_.edges[e];
      const int s = span(edge), a = node(edge.from).layer, b = node(edge.to).layer;
      if (std::abs(s) < 2) continue;
      std::size_t k = 0;
      while (k < corridors_.size() && (corridors_[k].to != edge.to || corridors_[k].back != (s < 0))) ++k;
      if (k == corridors_.size()) corridors_.push_back({edge.to, b, b, s < 0, 0, 0, 0, e});
      Corridor& c = corridors_[k];
      c.low = std::min(c.low, a);
      c.high = std::max(c.high, a);
      c.sum += node(edge.from).y;
      ++c.edges;
      corridor_[e] = static_cast<int>(k);
    }
    std::vector<std::size_t> turn(corridors_.size());
    for (std::size_t i = 0; i < turn.size(); ++i) turn[i] = i;
    // Short ones first, so that they lie inside.
    std::stable_sort(turn.begin(), turn.end(), [&](std::size_t a, std::size_t b) {
      return corridors_[a].high - corridors_[a].low < corridors_[b].high - corridors_[b].low;
    });
    std::vector<std::pair<float, float>> taken;
    for (std::size_t i = 0; i < turn.size(); ++i) {
      Corridor& c = corridors_[turn[i]];
      taken.clear();
      for (int l = c.low + 1; l < c.high; ++l)
        for (const int v : columns_[at(l)])
          taken.push_back({node(v).y - above(v) - kLane / 2, node(v).y + node(v).height / 2 + kLane});
      for (std::size_t k = 0; k < i; ++k) {
        const Corridor& other = corridors_[turn[k]];
        if (other.low < c.high && c.low < other.high) taken.push_back({other.y - kLane, other.y + kLane});
      }
      std::sort(taken.begin(), taken.end());
      const float wish = (c.sum / static_cast<float>(c.edges) + node(c.to).y) / 2;
      c.y = wish;
      for (std::size_t k = 0; k < taken.size();) {
        float low = taken[k].first, high = taken[k].second;
        for (++k; k < taken.size() && taken[k].first <= high; ++k) high = std::max(high, taken[k].second);
        if (low < wish && wish < high) c.y = wish - low < high - wish ? low : high;
      }
    }
  }

  // ---- columns

  // The gap where the edge's own part and its label are: left of this layer.
  std::size_t gap_of(const GraphEdge& edge) {
    const int s = span(edge), l = node(edge.from).layer;
    return at(s > 0 || (s == 0 && downward(edge)) ? l + 1 : l);
  }
  static float bulge(float rows) { return 12 + std::min(30.0f, rows * 0.12f); }
  void find_columns() {
    const std::size_t layers = columns_.size();
    std::vector<float> gap(layers + 1, kGap), width(layers, 0);
    gap[0] = gap[layers] = 0;
    for (std::size_t v = 0; v < g_.nodes.size(); ++v) {
      float& w = width[at(g_.nodes[v].layer)];
      w = std::max(w, column_need_[v]);
    }
    for (std::size_t e = 0; e < g_.edges.size(); ++e) {
      const GraphEdge& edge = g_.edges[e];
      if (edge.from == edge.to) continue;
      const float rows = std::fabs((corridor_[e] >= 0 ? corridors_[at(corridor_[e])].y : node(edge.to).y) -
                                   node(edge.from).y);
      float& w = gap[gap_of(edge)];
      const float room = span(edge) == 0 ? bulge(rows) : kGap + std::min(40.0f, rows * 0.15f);
      w = std::max(w, room + edge.label_width + kMargin);
    }
    float x = 0;
    for (std::size_t l = 0; l <= layers; ++l) {
      gap_left_.push_back(x);
      x += gap[l];
      gap_right_.push_back(x);
      if (l == layers) break;
      left_.push_back(x);
      for (const int v : columns_[l]) node(v).x = x + width[l] / 2;
      x += width[l];
      right_.push_back(x);
    }
  }

  // ---- ports

  void find_ports() {
    port_.resize(g_.edges.size() * 2);
    std::vector<std::vector<Port>> sides(g_.nodes.size() * 2);  // left, right
    for (std::size_t e = 0; e < g_.edges.size(); ++e) {
      const GraphEdge& edge = g_.edges[e];
      if (edge.from == edge.to) continue;
      const int s = span(edge);
      const bool down = downward(edge), out_right = s > 0 || (s == 0 && down);
      const bool in_right = s < 0 || (s == 0 && down);
      float far_from = node(edge.to).y, far_to = node(edge.from).y;
      if (corridor_[e] >= 0) far_from = far_to = corridors_[at(corridor_[e])].y;
      if (s == 0) far_from = down ? 1e8f : -1e8f, far_to = -far_from;
      sides[at(edge.from) * 2 + (out_right ? 1 : 0)].push_back({std::round(far_from), e, false});
      // Those that come through one corridor come in together.
      if (corridor_[e] < 0 || corridors_[at(corridor_[e])].first == e)
        sides[at(edge.to) * 2 + (in_right ? 1 : 0)].push_back({std::round(far_to), e, true});
    }
    for (std::size_t i = 0; i < sides.size(); ++i) {
      std::vector<Port>& ports = sides[i];
      const GraphNode& n = g_.nodes[i / 2];
      const auto forward = [&](const Port& p) { return span(g_.edges[p.edge]) > 0; };
      std::stable_sort(ports.begin(), ports.end(), [&](const Port& a, const Port& b) {
        return a.far != b.far ? a.far < b.far : forward(a) && !forward(b);
      });
      // An edge to the same row stays straight; the others stand around it.
      float middle = static_cast<float>(ports.size() - 1) / 2;
      for (std::size_t k = ports.size(); k-- > 0;)
        if (std::fabs(ports[k].far - n.y) < 1.5f) middle = static_cast<float>(k);
      const float most = std::max({middle, static_cast<float>(ports.size() - 1) - middle, 1.0f});
      const float radius = n.height / 2, apart = std::min(kPort, kPortReach * radius / most);
      for (std::size_t k = 0; k < ports.size(); ++k) {
        const float y = (static_cast<float>(k) - middle) * apart;
        const float x = n.width / 2 - radius + std::sqrt(radius * radius - y * y);
        port_[ports[k].edge * 2 + (ports[k].end ? 1 : 0)] = {n.x + (i % 2 == 1 ? x : -x), n.y + y};
      }
    }
    for (std::size_t e = 0; e < g_.edges.size(); ++e)
      if (corridor_[e] >= 0) port_[e * 2 + 1] = port_[corridors_[at(corridor_[e])].first * 2 + 1];
  }

  // ---- curves

  void draw(std::size_t e) {
    GraphEdge& edge = g_.edges[e];
    const GraphNode &a = node(edge.from), &b = node(edge.to);
    if (edge.from == edge.to) {
      const float r = a.height / 2, round = std::max(0.0f, r * kLoopAside - (a.width / 2 - r));
      const float y = a.y - std::sqrt(r * r - round * round), high = y - kLoop / 0.75f;
      edge.points = {a.x - r * kLoopAside, y};
      curve_to(edge, {a.x - r, high}, {a.x + r, high}, {a.x + r * kLoopAside, y});
      edge.label_x = a.x;
      edge.label_y = y - kLoop - 1 - edge.label_height / 2;
      return point_tip(edge);
    }
    const Point from = port_[e * 2], to = port_[e * 2 + 1];
    const int s = span(edge);
    const bool down = downward(edge), out_right = s > 0 || (s == 0 && down);
    const bool in_right = s < 0 || (s == 0 && down);
    // Level through the column, to where the gap begins.
    const float out = (out_right ? right_ : left_)[at(a.layer)],
                in = (in_right ? right_ : left_)[at(b.layer)];
    edge.points = {from.x, from.y};
    const auto level_to = [&](float x) {
      if (const Point now = last(edge); std::fabs(now.x - x) > 0.5f) swing_to(edge, {x, now.y});
    };
    level_to(out);
    own_.push_back({e, edge.points.size() - 2});
    if (s == 0) {
      const float by = (down ? 1 : -1) * bulge(std::fabs(b.y - a.y)) / 0.75f;
      curve_to(edge, {out + by, from.y}, {out + by, to.y}, {in, to.y});
    } else if (corridor_[e] >= 0) {
      const float y = corridors_[at(corridor_[e])].y;
      swing_to(edge, {s > 0 ? left_[at(a.layer + 1)] : right_[at(a.layer - 1)], y});
      level_to(s > 0 ? right_[at(b.layer - 1)] : left_[at(b.layer + 1)]);
      swing_to(edge, {in, to.y});
    } else {
      // What goes back sags, so that there and back are two lines with room for two labels.
      swing_to(edge, {in, to.y}, s < 0 && std::fabs(to.y - from.y) < 2 * kPort ? kSag : 0);
    }
    level_to(to.x);
    point_tip(edge);
  }

  // ---- labels: beside the own part of their edge, where least else is

  void place_labels() {
    float low_y = 1e9f, high_y = -1e9f;
    const auto stretch = [&](float y) { low_y = std::min(low_y, y), high_y = std::max(high_y, y); };
    for (const GraphNode& n : g_.nodes) stretch(n.y - n.height), stretch(n.y + n.height);
    for (const GraphEdge& edge : g_.edges)
      for (std::size_t i = 1; i < edge.points.size(); i += 2) stretch(edge.points[i]);
    low_y -= 60;
    high_y += 60;
    const float area = gap_right_.back() * (high_y - low_y), cell = std::max(4.0f, std::sqrt(area / 4e5f));
    const int columns = static_cast<int>(gap_right_.back() / cell) + 2;
    const int rows = static_cast<int>((high_y - low_y) / cell) + 2;
    std::vector<std::uint16_t> grid(at(columns) * at(rows), 0);  // how much lies in each cell
    const auto index = [&](float v, float low, int count) {
      return std::clamp(static_cast<int>((v - low) / cell), 0, count - 1);
    };
    const auto touch = [&](float x, float y, float w, float h, int add) {
      const int x0 = index(x - w / 2, 0, columns), x1 = index(x + w / 2, 0, columns);
      const int y0 = index(y - h / 2, low_y, rows), y1 = index(y + h / 2, low_y, rows);
      int sum = 0;
      for (int r = y0; r <= y1; ++r)
        for (int c = x0; c <= x1; ++c) {
          std::uint16_t& value = grid[at(r) * at(columns) + at(c)];
          sum += value;
          value = static_cast<std::uint16_t>(value + add);
        }
      return sum;
    };
    for (const GraphEdge& edge : g_.edges) {
      if (edge.from == edge.to) touch(edge.label_x, edge.label_y, edge.label_width, edge.label_height, 40);
      for (std::size_t i = 0; i + 7 < edge.points.size(); i += 6) {
        const float* p = edge.points.data() + i;
        const float long_way = std::fabs(p[6] - p[0]) + std::fabs(p[7] - p[1]);
        const int steps = static_cast<int>(long_way / cell) + 2;
        for (int k = 0; k < steps; ++k) {
          const Point q = bezier(p, static_cast<float>(k) / static_cast<float>(steps));
          touch(q.x, q.y, 0, 0, 1);
        }
      }
    }
    constexpr float kAlong[] = {0.5f, 0.38f, 0.62f, 0.26f, 0.74f, 0.14f, 0.86f};
    for (const auto& [e, first] : own_) {
      GraphEdge& edge = g_.edges[e];
      const std::size_t gap = gap_of(edge);
      const float half = edge.label_width / 2, up = edge.label_height / 2 + 4;
      const float low = gap_left_[gap] + half + 1, high = std::max(low, gap_right_[gap] - half - 1);
      float best = 1e9f, penalty = 0;
      for (const float t : kAlong) {
        const Point on = bezier(edge.points.data() + first, t);
        const Point tries[] = {
            {on.x, on.y - up}, {on.x, on.y + up}, {on.x + half + 3, on.y}, {on.x - half - 3, on.y}, on};
        for (const Point& p : tries) {
          const float x = std::clamp(p.x, low, high);
          penalty += 0.1f;
          const float cost =
              penalty + static_cast<float>(touch(x, p.y, edge.label_width, edge.label_height, 0));
          if (cost >= best) continue;
          best = cost;
          edge.label_x = x;
          edge.label_y = p.y;
        }
      }
      touch(edge.label_x, edge.label_y, edge.label_width, edge.label_height, 40);
    }
  }

  Graph& g_;
  Walk walk_;
  std::vector<std::vector<int>> columns_;  // nodes from above
  std::vector<int> place_;                 // in the column
  std::vector<float> top_, column_need_;   // room above a node for its loop; width with its label
  std::vector<std::vector<int>> beside_;   // nodes one layer to the left, to the right
  std::vector<Corridor> corridors_;
  std::vector<int> corridor_;  // of an edge; -1
  std::vector<float> left_, right_, gap_left_, gap_right_;
  std::vector<Point> port_;                               // start and end of each edge
  std::vector<std::pair<std::size_t, std::size_t>> own_;  // edge, and where in its points its own part begins
};

}  // namespace

void lay_out(Graph& graph, int root, bool down) {
  graph.width = graph.height = 0;
  if (graph.nodes.empty()) return;
  if (down)
    lay_out_tree(graph, root);
  else
    Columns(graph, root);
  enclose(graph);
}

}  // namespace ribostep::motif
