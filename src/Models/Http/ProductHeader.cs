namespace GenAI.Chats.Models.Http;

/// <summary>The product name of this service in requests to model APIs.</summary>
internal static class ProductHeader
{
    /// <summary>The value for <c>User-Agent</c> and similar headers.</summary>
    public static readonly string Value =
        $"genai-orleans/{typeof(ProductHeader).Assembly.GetName().Version?.ToString(3)} gl-dotnet/{Environment.Version}";
}
