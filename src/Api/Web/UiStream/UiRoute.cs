namespace GenAI.Chats.Api.Web.UiStream;

/// <summary>A route of the UI message stream.</summary>
/// <param name="Name">The name, such as <c>UiSend</c>.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path.</param>
/// <param name="Serve">Serves a request.</param>
internal sealed record UiRoute(string Name, string Method, string Path, Func<UiEndpoints, HttpContext, Task> Serve);
