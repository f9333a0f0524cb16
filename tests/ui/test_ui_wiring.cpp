// The picture of a model's wiring, as a graph: who feeds whom is what the network says.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "headless.h"
#include "ui/wiring_drawing.h"
#include "ui/wiring_picture.h"

using namespace ribostep;
using rnn::ModelSpec;
using ui::WiringEdge;
using ui::WiringEdgeKind;
using ui::WiringNode;
using ui::WiringNodeKind;
using ui::WiringPicture;

namespace {

const WiringNode& from(const WiringPicture& picture, const WiringEdge& edge) {
  return picture.nodes[static_cast<std::size_t>(edge.from)];
}
const WiringNode& to(const WiringPicture& picture, const WiringEdge& edge) {
  return picture.nodes[static_cast<std::size_t>(edge.to)];
}

// (from step, to step) of one layer's edges of a kind; -1: the initial state.
std::set<std::pair<int, int>> edges(const WiringPicture& picture, WiringEdgeKind kind, int layer) {
  std::set<std::pair<int, int>> found;
  for (const WiringEdge& edge : picture.edges)
    if (edge.kind == kind && to(picture, edge).layer == layer)
      found.insert({from(picture, edge).step, to(picture, edge).step});
  return found;
}
int count(const WiringPicture& picture, WiringEdgeKind kind) {
  return static_cast<int>(std::count_if(picture.edges.begin(), picture.edges.end(),
                                        [&](const WiringEdge& e) { return e.kind == kind; }));
}
int count(const WiringPicture& picture, WiringNodeKind kind) {
  return static_cast<int>(std::count_if(picture.nodes.begin(), picture.nodes.end(),
                                        [&](const WiringNode& n) { return n.kind == kind; }));
}
std::string texts(const WiringPicture& picture, WiringNodeKind kind) {
  std::string all;
  for (const WiringNode& n : picture.nodes)
    if (n.kind == kind) all += (all.empty() ? "" : " ") + n.text;
  return all;
}

ModelSpec model(int layers, rnn::Directions directions = rnn::Directions::Forward) {
  ModelSpec spec;
  spec.layers = layers;
  spec.directions = directions;
  spec.hidden = 2;
  return spec;
}

// Models over everything that changes the wiring.
std::vector<ModelSpec> models() {
  std::vector<ModelSpec> all;
  for (int d = 0; d < rnn::kCount<rnn::Directions>; ++d)
    for (const int layers : {1, 2, 3, 8})
      for (const int window : {0, 1, 2, 3, 50})
        for (const bool carry : {true, false})
          for (int c = 0; c < rnn::kCount<rnn::Circular>; ++c)
            for (const int cut : {0, 2, 40})
              for (const int dilation : {1, 2, 64}) {
                ModelSpec spec = model(layers, static_cast<rnn::Directions>(d));
                spec.window = window;
                spec.window_carry = carry;
                spec.circular = static_cast<rnn::Circular>(c);
                spec.truncate = cut;
                if (dilation > 1) spec.dilations.assign(static_cast<std::size_t>(layers), dilation);
                if (rnn::problem(spec).empty()) all.push_back(spec);
              }
  return all;
}

}  // namespace

TEST_CASE("wiring picture: every arrow along is the network's predecessor, and none is missing") {
  const std::vector<ModelSpec> all = models();
  CHECK(all.size() > 200);
  for (const ModelSpec& spec : all) {
    const WiringPicture picture = ui::wiring_picture(spec);
    REQUIRE(rnn::problem(picture.drawn).empty());
    const rnn::Network net = rnn::make_network(picture.drawn);
    for (int index = 0; index < static_cast<int>(net.layers.size()); ++index) {
      const rnn::Layer& layer = net.layers[static_cast<std::size_t>(index)];
      const int width = net.steps_per_window(layer.level);
      const int steps = (picture.steps + width - 1) / width;
      std::set<std::pair<int, int>> fed, started;
      for (int t = 0; t < steps; ++t) {
        const int before = layer.wiring.predecessor(steps, t);
        (before < 0 ? started : fed).insert({before, t});
      }
      CHECK(edges(picture, WiringEdgeKind::Recurrent, index) == fed);
      CHECK(edges(picture, WiringEdgeKind::Initial, index) == started);
      for (const WiringEdge& edge : picture.edges)
        if (edge.kind == WiringEdgeKind::Recurrent && to(picture, edge).layer == index)
          CHECK(edge.cut == layer.wiring.is_cut(to(picture, edge).step));
    }
  }
}

TEST_CASE("wiring picture: small models are drawn as they are") {
  for (ModelSpec spec : models()) {
    const int largest = spec.dilations.empty() ? 1 : spec.dilations[0];
    if (spec.layers > 3 || spec.window > 3 || spec.truncate > 3 || largest > 2) continue;
    if (spec.window == 3 && largest > 1) continue;  // two windows: a dilation of 2 would have nothing to skip
    CHECK(ui::wiring_picture(spec).drawn == spec);
  }
}

TEST_CASE("wiring picture: dilations skip, and reverse reads from the end") {
  ModelSpec spec = model(2, rnn::Directions::Both);
  spec.dilations = {1, 2};
  const WiringPicture picture = ui::wiring_picture(spec);
  using Pairs = std::set<std::pair<int, int>>;
  CHECK(edges(picture, WiringEdgeKind::Recurrent, 0) == Pairs{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}});
  CHECK(edges(picture, WiringEdgeKind::Recurrent, 1) == Pairs{{1, 0}, {2, 1}, {3, 2}, {4, 3}, {5, 4}});
  CHECK(edges(picture, WiringEdgeKind::Recurrent, 2) == Pairs{{0, 2}, {1, 3}, {2, 4}, {3, 5}});
  CHECK(edges(picture, WiringEdgeKind::Recurrent, 3) == Pairs{{2, 0}, {3, 1}, {4, 2}, {5, 3}});
  CHECK(edges(picture, WiringEdgeKind::Initial, 3) == Pairs{{-1, 4}, {-1, 5}});
  // Both directions of the first layer are read by both of the second.
  CHECK(count(picture, WiringEdgeKind::Input) == 6 * 2 + 6 * 4);
  // The last state: after the last step, in reverse after the first.
  CHECK(count(picture, WiringEdgeKind::Readout) == 2);
  CHECK(count(picture, WiringEdgeKind::Wrap) == 0);
  REQUIRE(picture.notes.size() == 1);
  CHECK(picture.notes[0].text == "d 2");
}

TEST_CASE("wiring picture: round a circle the start is fed by the end") {
  ModelSpec spec = model(1, rnn::Directions::Both);
  spec.circular = rnn::Circular::FixedPoint;
  WiringPicture picture = ui::wiring_picture(spec);
  using Pairs = std::set<std::pair<int, int>>;
  CHECK(edges(picture, WiringEdgeKind::Wrap, 0) == Pairs{{5, 0}});
  CHECK(edges(picture, WiringEdgeKind::Wrap, 1) == Pairs{{0, 5}});
  spec.dilations = {2};
  picture = ui::wiring_picture(spec);
  CHECK(edges(picture, WiringEdgeKind::Wrap, 0) == Pairs{{4, 0}, {5, 1}});
  CHECK(edges(picture, WiringEdgeKind::Wrap, 1) == Pairs{{0, 4}, {1, 5}});
}

TEST_CASE("wiring picture: windows end in their summary") {
  ModelSpec spec = model(2, rnn::Directions::Both);
  spec.window = 2;
  using Pairs = std::set<std::pair<int, int>>;
  WiringPicture picture = ui::wiring_picture(spec);
  CHECK(picture.windows.size() == 3);
  // The last state of each window: reading in reverse it is the first step's.
  CHECK(edges(picture, WiringEdgeKind::Summary, 2) == Pairs{{1, 0}, {3, 1}, {5, 2}, {0, 0}, {2, 1}, {4, 2}});
  spec.window_summary = rnn::Summary::Mean;
  spec.directions = rnn::Directions::Forward;
  picture = ui::wiring_picture(spec);
  CHECK(edges(picture, WiringEdgeKind::Summary, 1) == Pairs{{0, 0}, {1, 0}, {2, 1}, {3, 1}, {4, 2}, {5, 2}});
  spec.window_carry = false;
  picture = ui::wiring_picture(spec);
  CHECK(edges(picture, WiringEdgeKind::Initial, 0) == Pairs{{-1, 0}, {-1, 2}, {-1, 4}});
  spec.window = 500;
  picture = ui::wiring_picture(spec);
  CHECK(picture.drawn.window == 3);
  const auto note = std::find_if(picture.notes.begin(), picture.notes.end(),
                                 [](const ui::WiringNote& n) { return n.text == "w 500"; });
  CHECK(note != picture.notes.end());
}

TEST_CASE("wiring picture: what is read and what is said") {
  ModelSpec spec = model(1);
  spec.task = rnn::Task::NextSymbol;
  WiringPicture picture = ui::wiring_picture(spec, "GATTACAGATTACA");
  CHECK(texts(picture, WiringNodeKind::Input) == "G A T T A C");
  CHECK(texts(picture, WiringNodeKind::Output) == "A T T A C");
  spec.input = rnn::Input::Kmers;
  picture = ui::wiring_picture(spec, "GATTACAGATTACA");
  CHECK(texts(picture, WiringNodeKind::Input) == "..G .GA GAT ATT TTA TAC");
  CHECK(texts(picture, WiringNodeKind::Output) == "A T T A C");
  spec.input = rnn::Input::Codons;
  picture = ui::wiring_picture(spec, "GATTACAGATTACA");
  CHECK(texts(picture, WiringNodeKind::Input) == "GAT TAC AGA TTA");
  CHECK(texts(picture, WiringNodeKind::Output) == "TAC AGA TTA");

  spec = model(1, rnn::Directions::StrandsTied);
  picture = ui::wiring_picture(spec, "GATTACA");
  CHECK(texts(picture, WiringNodeKind::Complement) == "C T A A T G");
  for (const WiringEdge& edge : picture.edges) {
    if (edge.kind != WiringEdgeKind::Input) continue;
    const bool complement = from(picture, edge).kind == WiringNodeKind::Complement;
    CHECK(complement == (to(picture, edge).layer == 1));
  }
  CHECK(texts(picture, WiringNodeKind::Output) == "last");
  spec.pool = rnn::Pool::Mean;
  CHECK(count(ui::wiring_picture(spec), WiringEdgeKind::Readout) == 12);
  spec.task = rnn::Task::PositionLabel;
  CHECK(count(ui::wiring_picture(spec), WiringNodeKind::Output) == 6);
  spec.initial = rnn::InitialState::Learned;
  CHECK(texts(ui::wiring_picture(spec), WiringNodeKind::Initial) == "h_0 h_0");
}

TEST_CASE("wiring picture: eight layers are drawn as three, and it says so") {
  const WiringPicture picture = ui::wiring_picture(model(8));
  CHECK(picture.drawn.layers == 3);
  REQUIRE(picture.notes.size() == 1);
  CHECK(picture.notes[0].text == "8 layers");
}

TEST_CASE("wiring picture: is drawn in a narrow column and on a phone, inside its width") {
  session::Session session;
  ui::PanelState state;
  std::vector<session::Message> outbox;
  for (const float width : {120.0f, 280.0f, 390.0f}) {
    tests::Headless screen(ImVec2(width, 900));
    ui::Panel panel{session, state, ui::theme(true), screen.fonts, outbox};
    for (const ModelSpec& spec : models()) {
      if (spec.truncate > 2 || spec.layers == 2) continue;  // enough of them
      const WiringPicture picture = ui::wiring_picture(spec);
      ImVec2 size;
      screen.frame([&] {
        ui::draw_wiring(panel, picture);
        size = ImGui::GetItemRectSize();
      });
      CHECK(screen.vertices() > 100);
      CHECK(size.x <= width);
      CHECK(size.y < 420);
      bool finite = true;
      for (int i = 0; i < ImGui::GetDrawData()->CmdListsCount; ++i)
        for (const ImDrawVert& v : ImGui::GetDrawData()->CmdLists[i]->VtxBuffer)
          finite = finite && std::isfinite(v.pos.x) && std::isfinite(v.pos.y);
      CHECK(finite);
    }
  }
}
