// Answers for Dear ImGui's backend, which saves and restores the graphics state around every frame. Nothing
// else draws here, so what it restores need only be valid; asking the driver would make the page wait for the
// GPU a dozen times a frame. The build hands the backend this function under the driver's name.
#include <GLES3/gl3.h>

extern "C" void ribostep_gl_get_integer(GLenum what, GLint* values) {
  switch (what) {
    case GL_VIEWPORT:
    case GL_SCISSOR_BOX:
      for (int i = 0; i < 4; ++i) values[i] = 0;  // both are set before anything is drawn
      return;
    case GL_ACTIVE_TEXTURE:
      *values = GL_TEXTURE0;
      return;
    case GL_BLEND_EQUATION_RGB:
    case GL_BLEND_EQUATION_ALPHA:
      *values = GL_FUNC_ADD;
      return;
    case GL_BLEND_SRC_RGB:
    case GL_BLEND_SRC_ALPHA:
      *values = GL_ONE;
      return;
    case GL_BLEND_DST_RGB:
    case GL_BLEND_DST_ALPHA:
    case GL_CURRENT_PROGRAM:
    case GL_TEXTURE_BINDING_2D:
    case GL_SAMPLER_BINDING:
    case GL_ARRAY_BUFFER_BINDING:
    case GL_ELEMENT_ARRAY_BUFFER_BINDING:
    case GL_VERTEX_ARRAY_BINDING:
      *values = 0;
      return;
    default:
      glGetIntegerv(what, values);  // versions and the like, once at the start
  }
}
