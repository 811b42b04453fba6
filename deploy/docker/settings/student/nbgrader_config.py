"""nbgrader in a classroom; written anew whenever the Hub starts."""

c = get_config()  # noqa: F821  (traitlets puts it here)

c.KernelManager.transport_encryption = "required"
c.CourseDirectory.course_id = "backprop"
# A student's notebooks lie in backprop/<unit>/.
c.Exchange.path_includes_course = True
# Who is in the course is what the Hub says.
c.Authenticator.plugin_class = "nbgrader.auth.JupyterHubAuthPlugin"
# Handed out and in by the classroom service, at $COURSE_EXCHANGE_URL.
from course.exchange import configure  # noqa: E402

configure(c)
