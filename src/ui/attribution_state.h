// What the attribution panel remembers between frames.
#pragma once

namespace ribostep::ui {

struct AttributionState {};

}  // namespace ribostep::ui
