using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using OrleansPbft.Client;
using OrleansPbft.Core;

namespace OrleansPbft.Silo.Api;

/// <summary>Makes problem details (RFC 9457) of whatever keeps a request from its answer. The one place where failures become status codes.</summary>
/// <remarks>The member <c>code</c> is for programs; <c>mayHaveExecuted</c> says whether the operation may have had its effect all the same.</remarks>
internal sealed class ProblemMapper : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        switch (exception)
        {
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                await WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "too-large", TooLarge);
                return true;
            case BadHttpRequestException malformed:
                await WriteAsync(context, malformed.StatusCode, "malformed", DescribeMalformed(malformed));
                return true;
            case PbftException failure:
                if (failure is PbftBusyException busy) context.Response.Headers.RetryAfter = SecondsOf(busy.RetryAfter);
                await WriteAsync(context, StatusOf(failure), failure.Code, failure.Message, failure.MayHaveExecuted);
                return true;
            case OrleansException or TimeoutException:
                await WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "unavailable", "The silo does not answer; it may be stopping.", mayHaveExecuted: true);
                return true;
            default:
                return false; // ours to mend: logged, and a plain 500
        }
    }

    /// <summary>Writes one problem.</summary>
    public static async Task WriteAsync(HttpContext context, int status, string code, string detail, bool? mayHaveExecuted = null)
    {
        context.Response.StatusCode = status;
        await context.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(new()
        {
            HttpContext = context,
            ProblemDetails = Describe(status, code, detail, mayHaveExecuted),
        });
    }

    /// <summary>Answers with one problem.</summary>
    public static IResult Answer(int status, string code, string detail, params ReadOnlySpan<KeyValuePair<string, object?>> more)
    {
        var problem = Describe(status, code, detail, mayHaveExecuted: null);
        foreach (var (name, value) in more) problem.Extensions[name] = value;
        return TypedResults.Problem(problem);
    }

    private static ProblemDetails Describe(int status, string code, string detail, bool? mayHaveExecuted)
    {
        var problem = new ProblemDetails { Status = status, Detail = detail, Extensions = { ["code"] = code } };
        if (mayHaveExecuted is { } may) problem.Extensions["mayHaveExecuted"] = may;
        return problem;
    }

    /// <summary>Gives a code and a sentence to problems that the framework found by itself.</summary>
    public static void Complete(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        var (code, detail) = problem.Status switch
        {
            StatusCodes.Status404NotFound => ("not-found", $"There is nothing here; {HttpApi.OpenApiPath} lists what there is."),
            StatusCodes.Status405MethodNotAllowed => ("malformed", $"This can not be done here; {HttpApi.OpenApiPath} lists what can."),
            StatusCodes.Status413PayloadTooLarge => ("too-large", TooLarge),
            StatusCodes.Status415UnsupportedMediaType => ("malformed", "The body must be JSON: send Content-Type: application/json."),
            StatusCodes.Status500InternalServerError => ("failure", "The silo failed; its log says why. Whether an operation was executed is not known."),
            _ => ("failure", null),
        };
        problem.Detail ??= detail;
        problem.Extensions.TryAdd("code", code);
    }

    /// <summary>What is said of a body beyond the limit.</summary>
    public const string TooLarge = "The body is larger than this cluster's RequestBytesMax allows.";

    // The framework's sentence names the parameter; the JSON reader's says where in the body the trouble is, and names types that mean
    // nothing to those who sent it.
    private static string DescribeMalformed(BadHttpRequestException malformed)
    {
        if (malformed.InnerException is not JsonException json) return malformed.Message;
        var place = json.Path is null ? "" : $" at {json.Path}, line {json.LineNumber + 1}, byte {json.BytePositionInLine}";
        return $"The body is not the JSON expected here{place}: {DescribeReason(json.Message)}";
    }

    private static string DescribeReason(string message)
    {
        if (message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal)) return "the value is of the wrong type.";
        foreach (var end in (ReadOnlySpan<string>)[" Path: $", " to any .NET member", " encountered during deserialization"])
        {
            var index = message.IndexOf(end, StringComparison.Ordinal);
            if (index >= 0) return message[..index].TrimEnd('.') + ".";
        }

        return message;
    }

    private static int StatusOf(PbftException failure) => failure switch
    {
        PbftOperationException { Status: OperationStatus.Rejected } => StatusCodes.Status400BadRequest,
        PbftOperationException => StatusCodes.Status422UnprocessableEntity,
        PbftBusyException => StatusCodes.Status429TooManyRequests,
        _ => StatusCodes.Status503ServiceUnavailable,
    };

    private static string SecondsOf(TimeSpan wait) => Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
