// What the origin panel remembers between frames.
#pragma once

namespace ribostep::ui {

struct OriginState {};

}  // namespace ribostep::ui
