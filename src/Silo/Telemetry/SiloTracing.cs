using Microsoft.Extensions.Configuration;

namespace GenAI.Chats.Silo.Telemetry;

/// <summary>Adds Orleans' own spans if they're enabled. Spans of chats know their callers without them.</summary>
internal static class SiloTracing
{
    private const string Key = $"{TelemetryOptions.Section}:{nameof(TelemetryOptions.OrleansSpans)}";

    /// <summary>Adds spans for grain calls of a silo.</summary>
    public static ISiloBuilder AddOrleansSpans(this ISiloBuilder silo) =>
        AreEnabled(silo.Configuration) ? silo.AddActivityPropagation() : silo;

    /// <summary>Adds spans for grain calls of a client.</summary>
    public static IClientBuilder AddOrleansSpans(this IClientBuilder client) =>
        AreEnabled(client.Configuration) ? client.AddActivityPropagation() : client;

    private static bool AreEnabled(IConfiguration configuration) => bool.TryParse(configuration[Key], out var areEnabled) && areEnabled;
}
