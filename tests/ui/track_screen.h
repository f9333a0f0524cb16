// The tracks and the inspector side by side over a real session, with a mouse and without a GPU.
#pragma once
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>

#include "headless.h"
#include "ui/inspector_model.h"
#include "ui/track.h"

namespace ribostep::tests {

inline constexpr float kTracksWidth = 620, kInspectorWidth = 330, kHeight = 560;

struct Screen {
  Fixture fixture;
  Headless headless{ImVec2(kTracksWidth + kInspectorWidth + 30, kHeight + 20)};
  ui::UiState state;

  explicit Screen(rnn::CellKind cell = rnn::CellKind::Lstm) {
    fixture.paste(planted_fasta());
    rnn::ModelSpec spec = fixture.session.network().spec;
    spec.cell = cell;
    spec.hidden = 6;
    fixture.session.set_model(spec);
    fixture.worker.settle();
    frames(3);
  }
  void frames(int n) {
    for (int i = 0; i < n; ++i) {
      ui::begin_frame(state);
      headless.frame([&] {
        ImGui::BeginChild("tracks", ImVec2(kTracksWidth, kHeight));
        ui::draw_tracks(fixture.session, state, ui::theme(false), headless.fonts, headless.textures,
                        ImGui::GetContentRegionAvail());
        ImGui::EndChild();
        ImGui::SameLine();
        ImGui::BeginChild("inspector", ImVec2(kInspectorWidth, kHeight));
        ui::draw_inspector(fixture.session, state, ui::theme(false), headless.fonts,
                           ImGui::GetContentRegionAvail());
        ImGui::EndChild();
      });
    }
  }
  void mouse(float x, float y) {
    ImGui::GetIO().AddMousePosEvent(x, y);
    frames(2);
  }
  void button(int which, bool down) {
    ImGui::GetIO().AddMouseButtonEvent(which, down);
    frames(1);
  }
  void click(float x, float y) {
    mouse(x, y);
    button(0, true);
    button(0, false);
    // Far enough apart that two clicks are not a double click.
    for (int i = 0; i < 40; ++i) frames(1);
  }
  float x_of(int position) const {
    return position == 0 ? state.axis.x0 - 10 : state.axis.x_of(position - 0.5);
  }
  // Height of a point that hovers a track giving this; scans the pane.
  float y_where(const std::function<bool(const ui::Hover&)>& wanted) {
    for (float y = 40; y < kHeight; y += 2) {
      mouse(x_of(5), y);
      if (wanted(state.hover)) return y;
    }
    return -1;
  }
  session::Session& session() { return fixture.session; }
  void change(const std::function<void(rnn::ModelSpec&)>& how) {
    rnn::ModelSpec spec = session().network().spec;
    how(spec);
    REQUIRE(rnn::problem(spec).empty());
    session().set_model(spec);
    fixture.worker.settle();
    frames(2);
  }
  ui::StepView step(int layer) {
    return ui::step_view(session().network().layers[static_cast<std::size_t>(layer)],
                         session().trace()->layers[static_cast<std::size_t>(layer)], session().terms(layer));
  }
  // Of the n-th track with this key.
  std::shared_ptr<ui::Track> track(const std::string& key, int n = 0) {
    for (const auto& track : state.tracks.tracks)
      if (track->key() == key && n-- == 0) return track;
    return nullptr;
  }
};

}  // namespace ribostep::tests
