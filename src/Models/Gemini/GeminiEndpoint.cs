using System.Buffers;
using Google.Rpc;

namespace GenAI.Chats.Models.Gemini;

/// <summary>The addresses of a model's methods.</summary>
internal static class GeminiEndpoint
{
    // What would leave the path, or the model's own segment of it.
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("?&#%\\ \t\r\n");

    /// <summary>Where the model is called.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: no model can have the name.</exception>
    public static Uri Of(GeminiOptions options, string model, bool stream)
    {
        var method = stream ? "streamGenerateContent?alt=sse" : "generateContent";
        return new Uri($"{options.BaseUrl.AbsoluteUri.TrimEnd('/')}/{options.ApiVersion}/{PathOf(model)}:{method}");
    }

    private static string PathOf(string model)
    {
        if (string.IsNullOrEmpty(model) || model.Contains("..", StringComparison.Ordinal) || model.AsSpan().ContainsAny(Forbidden))
        {
            throw new ModelException(
                Code.InvalidArgument,
                ModelErrorReasons.InvalidRequest,
                $"The model name '{model}' is empty, or has '..', '?', '&', '#', '%', '\\' or a space in it.");
        }

        return model.StartsWith("models/", StringComparison.Ordinal) || model.StartsWith("tunedModels/", StringComparison.Ordinal)
            ? model
            : $"models/{model}";
    }
}
