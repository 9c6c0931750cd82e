namespace GenAI.Chats.Models.Http;

/// <summary>How this service names itself to a model's API.</summary>
internal static class ProductHeader
{
    /// <summary>For <c>User-Agent</c> and the like.</summary>
    public static readonly string Value =
        $"genai-orleans/{typeof(ProductHeader).Assembly.GetName().Version?.ToString(3)} gl-dotnet/{Environment.Version}";
}
