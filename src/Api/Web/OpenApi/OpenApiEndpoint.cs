using GenAI.Chats.Api.Identity;

namespace GenAI.Chats.Api.Web.OpenApi;

/// <summary>Serves the OpenAPI document. Like server reflection, it reveals the contract, but no chats.</summary>
internal static class OpenApiEndpoint
{
    private const string Path = "/openapi/v1.json";

    private static readonly Lazy<byte[]> Document = new(static () => Encoding.UTF8.GetBytes(OpenApiDocument.Create().ToJsonString()));

    /// <summary>Maps the document.</summary>
    public static IEndpointConventionBuilder Map(IEndpointRouteBuilder endpoints)
    {
        var endpoint = endpoints.MapGet(Path, static () => Results.Bytes(Document.Value, HttpErrors.ContentType));
        return endpoints.ServiceProvider.GetRequiredService<IOptions<ChatAuthenticationOptions>>().Value.AnonymousReflection ? endpoint.AllowAnonymous() : endpoint;
    }
}
