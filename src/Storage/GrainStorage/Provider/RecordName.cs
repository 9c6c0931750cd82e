namespace GenAI.Chats.Storage.GrainStorage.Provider;

/// <summary>
/// The name of a record. The kind is the provider's state name, the key is that of the grain. The parts of a key are escaped, so that no provider
/// interprets a key as a number or a path.
/// </summary>
internal readonly record struct RecordName(string Kind, string Key)
{
    // Kinds are stored, and must not change.
    public const string Page = "page";
    public const string IndexNode = "branch";
    public const string Payload = "payload";

    private const string GrainType = "chats";

    public GrainId Id => GrainId.Create(GrainType, Key);

    public static RecordName Head(ChatKey chat) => new("head", KeyOf(chat));

    public static RecordName OfChat(string kind, ChatKey chat, string record) => new(kind, $"{KeyOf(chat)}/{record}");

    public static RecordName Forks(ChatKey chat, int shard) => OfChat("forks", chat, shard.ToString(CultureInfo.InvariantCulture));

    public static RecordName ExpiringTenants(int shard) =>
        new("expiring-tenants", string.Create(CultureInfo.InvariantCulture, $"x/{shard}"));

    public static RecordName PartOf(ChatKey chat, string record, int part) =>
        OfChat(Payload, chat, string.Create(CultureInfo.InvariantCulture, $"{record}.{part}"));

    public static RecordName Tenant(string tenant) => new("tenant", "t/" + Uri.EscapeDataString(tenant));

    public static RecordName Segment(string tenant, int segment) =>
        new("tenant-chats", string.Create(CultureInfo.InvariantCulture, $"t/{Uri.EscapeDataString(tenant)}/{segment}"));

    public static RecordName Owner(string owner) => new("owner", "o/" + Uri.EscapeDataString(owner));

    public static RecordName Stops(string owner) => new("stops", "o/" + Uri.EscapeDataString(owner));

    public static RecordName Servers { get; } = new("servers", "s/all");

    public static RecordName ServerChats(string server, int shard) =>
        new("server-chats", string.Create(CultureInfo.InvariantCulture, $"s/{server}/{shard}"));

    public static RecordName UsageDays { get; } = new("usage-days", "u/all");

    public static RecordName Usage(int day, string owner) =>
        new("usage", string.Create(CultureInfo.InvariantCulture, $"u/{day}/{Uri.EscapeDataString(owner)}"));

    /// <summary>Returns a name that no record has.</summary>
    public static string NewRecord() => Guid.NewGuid().ToString("N");

    private static string KeyOf(ChatKey chat) => $"c/{Uri.EscapeDataString(chat.Tenant)}/{Uri.EscapeDataString(chat.ChatId)}";
}
