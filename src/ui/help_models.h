// One line for everything that can be chosen or read about a model: the second page of the help.
#pragma once
#include <span>

namespace ribostep::ui {

struct ModelHelp {
  const char* name;  // a heading when `what` is null
  const char* what;
};
std::span<const ModelHelp> model_help();

}  // namespace ribostep::ui
