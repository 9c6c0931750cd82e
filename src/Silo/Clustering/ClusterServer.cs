namespace GenAI.Chats.Silo.Clustering;

/// <summary>A server that a silo needs to join its cluster.</summary>
/// <param name="Setting">The configuration key of its connection string.</param>
/// <param name="Product">What it is, for messages.</param>
/// <param name="PrepareAsync">Connects to it and creates what's missing. Running it again changes nothing.</param>
internal sealed record ClusterServer(string Setting, string Product, Func<CancellationToken, Task> PrepareAsync);
