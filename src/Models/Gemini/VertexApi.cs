using Google.Rpc;

namespace GenAI.Chats.Models.Gemini;

/// <summary>
/// Vertex AI: models of publishers in a project and location. Calls use an API key without project and location ("express mode"), or the server's Google
/// credentials.
/// </summary>
internal sealed class VertexApi(GeminiOptions options, GoogleCredentials credentials) : GeminiApi(options)
{
    private const string Global = "global";

    private readonly string _location = options.Location ?? Global;

    /// <inheritdoc/>
    public override bool IsVertex => true;

    /// <inheritdoc/>
    public override string BaseUrl => Options.BaseUrl?.AbsoluteUri ?? _location switch
    {
        Global => "https://aiplatform.googleapis.com",
        _ when HasKey => "https://aiplatform.googleapis.com",
        "us" or "eu" => $"https://aiplatform.{_location}.rep.googleapis.com",
        _ => $"https://{_location}-aiplatform.googleapis.com",
    };

    private bool HasKey => !string.IsNullOrEmpty(Options.Key);

    /// <inheritdoc/>
    protected override async ValueTask<GeminiAccess> AccessNamedAsync(string model, CancellationToken cancellationToken)
    {
        var url = $"{BaseUrl.TrimEnd('/')}/{Options.ApiVersion ?? "v1beta1"}/";
        if (HasKey)
        {
            return new GeminiAccess(url + PathOf(model), [new("x-goog-api-key", Options.Key!)], Options.Key!);
        }

        var token = await credentials.GetTokenAsync(cancellationToken).ConfigureAwait(false);
        var project = Options.Project ?? token.Project ?? throw new ModelException(
            Code.FailedPrecondition,
            ModelErrorReasons.Credentials,
            $"No project is configured for model '{model}'. Set GOOGLE_CLOUD_PROJECT on the server, or Project or Key on the model route.");
        var parent = $"projects/{project}/locations/{_location}/";
        return new GeminiAccess(
            url + (IsIn(model, "projects/") ? "" : parent) + PathOf(model),
            [new("Authorization", $"Bearer {token.Value}"), .. token.Headers],
            token.Value,
            parent);
    }

    private static string PathOf(string model)
    {
        if (IsIn(model, "projects/") || IsIn(model, "publishers/") || IsIn(model, "models/"))
        {
            return model;
        }

        return model.Split('/', 2) is [var publisher, var id]
            ? $"publishers/{publisher}/models/{id}"
            : $"publishers/google/models/{model}";
    }
}
