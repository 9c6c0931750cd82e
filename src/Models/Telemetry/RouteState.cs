namespace GenAI.Chats.Models.Telemetry;

/// <summary>The current state of a route, for metrics.</summary>
/// <param name="Name">The route's name.</param>
/// <param name="Running">The number of calls in progress.</param>
/// <param name="Waiting">The number of calls that wait for the route's limits.</param>
/// <param name="Targets">The provider and circuit breaker state of each target: 0 closed, 1 half-open, 2 open.</param>
internal sealed record RouteState(string Name, int Running, int Waiting, IEnumerable<(string Provider, int BreakerState)> Targets);
