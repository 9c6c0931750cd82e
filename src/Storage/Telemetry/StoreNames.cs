namespace GenAI.Chats.Storage.Telemetry;

/// <summary>What stores are called in telemetry.</summary>
internal static class StoreNames
{
    /// <summary>The <c>db.system.name</c> of a <c>Storage:Provider</c>: the conventions' own for a database, else the provider in lower case.</summary>
    public static string Of(string provider) => provider.ToLowerInvariant() switch
    {
        "postgres" => "postgresql",
        var name => name,
    };
}
