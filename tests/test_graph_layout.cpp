// Where the nodes of a machine go: nothing lies on a node, edges begin and end at borders, the same graph
// always looks the same.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "motif/graph_layout.h"

using namespace ribostep;
using motif::Graph;
using motif::GraphEdge;
using motif::GraphNode;

namespace {

Graph graph_of(int nodes, const std::vector<std::pair<int, int>>& edges, float width = 34) {
  Graph g;
  for (int i = 0; i < nodes; ++i) g.nodes.push_back({width, 34});
  for (const auto& [from, to] : edges) g.edges.push_back({from, to, 20, 13});
  return g;
}

// A complete automaton whose states are all reached: edges to the same state are one, as they are drawn.
Graph automaton(int states, int letters, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::pair<int, int>> edges;
  for (int s = 1; s < states; ++s)
    edges.push_back({static_cast<int>(random.below(static_cast<std::uint32_t>(s))), s});
  for (int s = 0; s < states; ++s)
    for (int a = 1; a < letters; ++a) {
      const std::pair<int, int> edge{s, static_cast<int>(random.below(static_cast<std::uint32_t>(states)))};
      if (std::find(edges.begin(), edges.end(), edge) == edges.end()) edges.push_back(edge);
    }
  return graph_of(states, edges);
}

struct Point {
  float x, y;
};
std::vector<Point> sampled(const GraphEdge& edge) {
  std::vector<Point> out;
  const std::vector<float>& p = edge.points;
  for (std::size_t i = 0; i + 7 < p.size(); i += 6)
    for (int k = 0; k <= 24; ++k) {
      const float t = static_cast<float>(k) / 24, s = 1 - t;
      const float a = s * s * s, b = 3 * s * s * t, c = 3 * s * t * t, d = t * t * t;
      out.push_back({a * p[i] + b * p[i + 2] + c * p[i + 4] + d * p[i + 6],
                     a * p[i + 1] + b * p[i + 3] + c * p[i + 5] + d * p[i + 7]});
    }
  return out;
}
// Below 0: inside. Nodes are circles, or drawn out sideways.
float distance(const GraphNode& n, Point p) {
  const float r = n.height / 2, half = std::max(0.0f, n.width / 2 - r);
  const float x = std::max(0.0f, std::fabs(p.x - n.x) - half);
  return std::hypot(x, p.y - n.y) - r;
}
bool apart(float ax, float ay, float aw, float ah, float bx, float by, float bw, float bh) {
  return std::fabs(ax - bx) >= (aw + bw) / 2 - 0.01f || std::fabs(ay - by) >= (ah + bh) / 2 - 0.01f;
}

void check_all(const Graph& g, const std::string& what) {
  INFO(what);
  const auto inside = [&](float x, float y) {
    // A hundredth of a pixel: sums of floats.
    return std::isfinite(x) && std::isfinite(y) && x >= -0.01f && y >= -0.01f && x <= g.width + 0.01f &&
           y <= g.height + 0.01f;
  };
  int on_node = 0, label_on_node = 0, outside = 0, off_border = 0, overlaps = 0, bad_tips = 0;
  for (std::size_t i = 0; i < g.nodes.size(); ++i) {
    const GraphNode& n = g.nodes[i];
    outside +=
        !inside(n.x - n.width / 2, n.y - n.height / 2) || !inside(n.x + n.width / 2, n.y + n.height / 2);
    for (std::size_t k = 0; k < i; ++k) {
      const GraphNode& o = g.nodes[k];
      overlaps += !apart(n.x, n.y, n.width, n.height, o.x, o.y, o.width, o.height);
    }
  }
  for (const GraphEdge& e : g.edges) {
    REQUIRE(e.points.size() >= 8);
    REQUIRE(e.points.size() % 6 == 2);
    for (std::size_t i = 0; i < e.points.size(); i += 2) outside += !inside(e.points[i], e.points[i + 1]);
    outside += !inside(e.label_x - e.label_width / 2, e.label_y - e.label_height / 2) ||
               !inside(e.label_x + e.label_width / 2, e.label_y + e.label_height / 2);
    const auto end = e.points.end();
    off_border +=
        std::fabs(distance(g.nodes[static_cast<std::size_t>(e.from)], {e.points[0], e.points[1]})) > 0.6f;
    off_border += std::fabs(distance(g.nodes[static_cast<std::size_t>(e.to)], {end[-2], end[-1]})) > 0.6f;
    bad_tips += std::fabs(std::hypot(e.tip_x, e.tip_y) - 1) > 1e-3f;
    const std::vector<Point> points = sampled(e);
    for (std::size_t v = 0; v < g.nodes.size(); ++v) {
      const GraphNode& n = g.nodes[v];
      label_on_node +=
          !apart(n.x, n.y, n.width, n.height, e.label_x, e.label_y, e.label_width, e.label_height);
      // At its own nodes the border itself is touched.
      const bool own = e.from == static_cast<int>(v) || e.to == static_cast<int>(v);
      on_node += std::any_of(points.begin(), points.end(),
                             [&](Point p) { return distance(n, p) < (own ? -1.0f : 0.5f); });
    }
  }
  CHECK(overlaps == 0);
  CHECK(outside == 0);
  CHECK(off_border == 0);
  CHECK(bad_tips == 0);
  CHECK(label_on_node == 0);
  CHECK(on_node == 0);
}

}  // namespace

TEST_CASE("a chain stays in one row, whatever leads back") {
  // "contains ACG": each state falls back to the first two.
  Graph g = graph_of(4, {{0, 0}, {0, 1}, {1, 0}, {1, 1}, {1, 2}, {2, 0}, {2, 1}, {2, 3}, {3, 3}});
  motif::lay_out(g, 0);
  check_all(g, "ACG");
  for (int i = 1; i < 4; ++i) {
    const auto k = static_cast<std::size_t>(i);
    CHECK(g.nodes[k].layer == i);
    CHECK(g.nodes[k].y == doctest::Approx(g.nodes[0].y));
    CHECK(g.nodes[k].x > g.nodes[k - 1].x + 34);
  }
  std::vector<std::pair<int, int>> edges;
  for (int i = 0; i < 30; ++i) {
    if (i > 0) edges.push_back({i - 1, i});
    edges.push_back({i, 0});
    if (i > 2) edges.push_back({i, i / 2});
  }
  Graph longer = graph_of(30, edges);
  motif::lay_out(longer, 0);
  check_all(longer, "30 in a row");
  for (const GraphNode& n : longer.nodes) CHECK(n.y == doctest::Approx(longer.nodes[0].y));
}

TEST_CASE("both directions between two nodes are bowed apart") {
  Graph g = graph_of(2, {{0, 1}, {1, 0}});
  motif::lay_out(g, 0);
  check_all(g, "there and back");
  CHECK(std::fabs(g.edges[0].points[1] - g.edges[1].points[1]) > 4);
  CHECK(g.edges[0].label_y < g.edges[1].label_y);
  CHECK(g.edges[0].tip_x > 0.9f);
  CHECK(g.edges[1].tip_x < -0.9f);
  // Also within a layer.
  Graph same = graph_of(3, {{0, 1}, {0, 2}, {1, 2}, {2, 1}});
  motif::lay_out(same, 0);
  check_all(same, "within a layer");
  CHECK(same.nodes[1].layer == same.nodes[2].layer);
  CHECK((same.edges[2].label_x - same.nodes[1].x) * (same.edges[3].label_x - same.nodes[1].x) < 0);
}

TEST_CASE("a loop stands above its node, with its label") {
  Graph g = graph_of(1, {{0, 0}});
  g.edges[0].label_width = 90;  // wider than the node
  motif::lay_out(g, 0);
  check_all(g, "one node");
  for (std::size_t i = 3; i < g.edges[0].points.size() - 2; i += 2)
    CHECK(g.edges[0].points[i] < g.nodes[0].y - 17);
  CHECK(g.edges[0].label_y < g.nodes[0].y - 17 - 6);
  CHECK(g.width >= 90);
}

TEST_CASE("nothing, a single node, and nodes that are not connected") {
  Graph none;
  motif::lay_out(none, 0);
  CHECK(none.width == 0);
  Graph one = graph_of(1, {});
  motif::lay_out(one, 0);
  check_all(one, "single");
  CHECK(one.width == doctest::Approx(34));
  CHECK(one.height == doctest::Approx(34));
  Graph islands = graph_of(7, {{0, 1}, {3, 4}, {4, 5}, {5, 1}, {5, 5}});
  motif::lay_out(islands, 0);
  check_all(islands, "islands");
  Graph far = graph_of(6, {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {5, 4}});  // 5 is not reached, and leads far
  motif::lay_out(far, 0);
  check_all(far, "a long way forward");
}

TEST_CASE("random automata: nothing lies on anything, and the same graph gets the same layout") {
  for (int states = 5; states <= 60; states += 5)
    for (const int letters : {2, 4}) {
      Graph g = automaton(states, letters, static_cast<std::uint64_t>(states * 10 + letters));
      for (std::size_t i = 0; i < g.nodes.size(); i += 3) g.nodes[i].width = 60;
      Graph again = g;
      motif::lay_out(g, 0);
      motif::lay_out(again, 0);
      check_all(g, std::to_string(states) + " states, " + std::to_string(letters) + " letters");
      CHECK(g.width == again.width);
      for (std::size_t i = 0; i < g.edges.size(); ++i) {
        CHECK(g.edges[i].points == again.edges[i].points);
        CHECK(g.edges[i].label_x == again.edges[i].label_x);
      }
      for (const GraphEdge& e : g.edges)
        CHECK(g.nodes[static_cast<std::size_t>(e.to)].layer <=
              g.nodes[static_cast<std::size_t>(e.from)].layer + 1);
    }
}

TEST_CASE("the largest graph that is drawn is laid out at once") {
  Graph g = automaton(motif::kMaxDrawnNodes, 4, 7);
  REQUIRE(g.edges.size() > 500);
  const auto start = std::chrono::steady_clock::now();
  motif::lay_out(g, 0);
  const double ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  MESSAGE("200 nodes, ", g.edges.size(), " edges: ", ms, " ms, ", g.width, " x ", g.height);
  // 30 ms on an idle machine in a release build; a busy one with sanitizers takes many times that.
  CHECK(ms < 1500);
  check_all(g, "200 nodes");
}

TEST_CASE("a tree goes down, parents over their children, in their order") {
  Graph g = graph_of(9, {{0, 1}, {0, 2}, {0, 3}, {1, 4}, {1, 5}, {3, 6}, {3, 7}, {7, 8}}, 60);
  for (GraphEdge& e : g.edges) e.label_width = e.label_height = 0;
  motif::lay_out(g, 0, true);
  for (std::size_t i = 0; i < g.nodes.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      CHECK(apart(g.nodes[i].x, g.nodes[i].y, 60, 34, g.nodes[k].x, g.nodes[k].y, 60, 34));
  for (const GraphEdge& e : g.edges) {
    CHECK(g.nodes[static_cast<std::size_t>(e.to)].y > g.nodes[static_cast<std::size_t>(e.from)].y + 34);
    CHECK(e.tip_y == doctest::Approx(1));
  }
  CHECK(g.nodes[1].x < g.nodes[2].x);
  CHECK(g.nodes[2].x < g.nodes[3].x);
  CHECK(g.nodes[1].x == doctest::Approx((g.nodes[4].x + g.nodes[5].x) / 2));
  CHECK(g.nodes[7].x == doctest::Approx(g.nodes[8].x));
  CHECK(g.width > 4 * 60);
  CHECK(g.width < 7 * 80);
}
