using Aspire.Hosting.ApplicationModel;

namespace GenAI.Chats.Aspire.Hosting;

/// <summary>A route of a resource. Their number is the index of the next one.</summary>
/// <param name="Name">The model name, or a pattern.</param>
internal sealed record ModelRouteAnnotation(string Name) : IResourceAnnotation;
