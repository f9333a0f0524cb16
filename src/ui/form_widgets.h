// Draws the controls of a session::Field: what the MODEL and TRAIN panels consist of.
#pragma once
#include <optional>
#include <string>

#include "session/form.h"
#include "ui/panel_state.h"

namespace ribostep::ui {

// A choice that was just made.
struct Chosen {
  std::string key;
  nlohmann::json value;
};
// `reasons`: says under a control why it cannot be used (else only in its tooltip).
std::optional<Chosen> draw_field(Panel& p, const session::Field& field, bool reasons = true);

}  // namespace ribostep::ui
