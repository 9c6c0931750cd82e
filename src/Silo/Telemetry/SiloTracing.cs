using Microsoft.Extensions.Configuration;

namespace GenAI.Chats.Silo.Telemetry;

/// <summary>Orleans' own spans, where they are wanted.</summary>
internal static class SiloTracing
{
    private const string Key = $"{TelemetryOptions.SectionName}:{nameof(TelemetryOptions.OrleansSpans)}";

    /// <summary>Has the silo begin spans for calls of grains. Without it calls are cheaper, and the chats' spans know their callers all the same.</summary>
    public static ISiloBuilder AddOrleansSpans(this ISiloBuilder silo) =>
        AreWanted(silo.Configuration) ? silo.AddActivityPropagation() : silo;

    /// <summary>The same for a client of silos.</summary>
    public static IClientBuilder AddOrleansSpans(this IClientBuilder client) =>
        AreWanted(client.Configuration) ? client.AddActivityPropagation() : client;

    private static bool AreWanted(IConfiguration configuration) => bool.TryParse(configuration[Key], out var areWanted) && areWanted;
}
