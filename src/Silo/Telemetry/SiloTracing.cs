namespace GenAI.Chats.Silo.Telemetry;

/// <summary>Orleans' own spans, where they are wanted.</summary>
internal static class SiloTracing
{
    private const string Key = $"{TelemetryOptions.SectionName}:{nameof(TelemetryOptions.OrleansSpans)}";

    /// <summary>Has the silo begin spans for calls of grains. Without it calls are cheaper, and the chats' spans know their callers all the same.</summary>
    public static ISiloBuilder AddOrleansSpans(this ISiloBuilder silo) =>
        bool.TryParse(silo.Configuration[Key], out var isWanted) && isWanted ? silo.AddActivityPropagation() : silo;
}
