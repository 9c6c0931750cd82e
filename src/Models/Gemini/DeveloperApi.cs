using Google.Rpc;

namespace GenAI.Chats.Models.Gemini;

/// <summary>The Gemini Developer API, with an API key.</summary>
internal sealed class DeveloperApi(GeminiOptions options) : GeminiApi(options)
{
    /// <inheritdoc/>
    public override bool IsVertex => false;

    /// <inheritdoc/>
    public override string BaseUrl => Options.BaseUrl?.AbsoluteUri ?? "https://generativelanguage.googleapis.com";

    /// <inheritdoc/>
    protected override ValueTask<GeminiAccess> AccessNamedAsync(string model, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(Options.Key))
        {
            throw new ModelException(
                Code.FailedPrecondition,
                ModelErrorReasons.Credentials,
                $"No API key is configured for model '{model}'. Set GEMINI_API_KEY on the server, or Key on the model route.");
        }

        var path = IsIn(model, "models/") || IsIn(model, "tunedModels/") ? model : $"models/{model}";
        return ValueTask.FromResult(new GeminiAccess(
            $"{BaseUrl.TrimEnd('/')}/{Options.ApiVersion ?? "v1"}/{path}", [new("x-goog-api-key", Options.Key)], Options.Key));
    }
}
